// Versions of what runs, for `hop version` and `hop --version`.
import manifest from '../package.json' with { type: 'json' };

export const version: string = manifest.version;

/** Releases of the Python original whose command lines, files and bytes are kept. */
export const compatible = '0.12';
