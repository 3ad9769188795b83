// The TypeScript of the repository, as `layers` and `measure` see it.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A source file: its path from the root of the repository with `/`, and its text. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

export const root: string = fileURLToPath(new URL('..', import.meta.url));

/** Folders whose sources are a package: its name is the last part of the path. */
export const packageFolders: readonly string[] = [
  'packages/protocol',
  'packages/client',
  'packages/hop',
  'packages/cli',
  'test-broker',
  'simulator',
];

/** All sources and tests below a folder; none when there is no such folder. */
export function sourcesBelow(folder: string): Source[] {
  let names: string[];
  try {
    names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return names
    .map((name) => name.split(sep).join('/'))
    .filter((name) => /\.m?ts$/.test(name) && !/(^|\/)(node_modules|dist|\.types|\.cache)\//.test(name))
    .sort()
    .map((name) => read(join(root, folder, name)));
}

function read(file: string): Source {
  return { path: relative(root, file).split(sep).join('/'), text: readFileSync(file, 'utf8') };
}

/** Tests and what only tests use: they may look behind every arrow. */
export function isTest(path: string): boolean {
  return /\.(test|test-d)\.ts$/.test(path) || /(^|\/)(testing\.ts$|(testing|fixtures|interop)\/)/.test(path);
}
