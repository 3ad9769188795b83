// The simulator as one file for plain Node, made from a client whose source was changed.
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** Changes the text of one file of the client. */
export interface Patch {
  /** Its path below `packages/client/src`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface BundleOptions {
  readonly entry?: string;
  readonly outfile: string;
  readonly patches: readonly Patch[];
  /** Another copy of the client's `src` folder. */
  readonly clientSource?: string;
}

/** @throws {Error} when a text that is to be replaced is not in its file exactly once */
export async function bundle(options: BundleOptions): Promise<void> {
  const { entry = 'simulator/src/main.ts', outfile, patches } = options;
  await build({
    entryPoints: [`${root}/${entry}`],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['hopwire-source'],
    external: ['esbuild', 'testcontainers', '@testcontainers/kafka', '@peculiar/x509', 'reflect-metadata'],
    banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
    logLevel: 'error',
    plugins: [replaced(patches, options.clientSource)],
  });
}

function replaced(patches: readonly Patch[], clientSource: string | undefined): Plugin {
  return {
    name: 'replaced',
    setup: (b) => {
      void patches;
      if (clientSource === undefined) return;
      b.onResolve({ filter: /^@hopwire\/client/ }, ({ path }) => ({
        path:
          path === '@hopwire/client' ? `${clientSource}/index.ts` : path.replace('@hopwire/client/src', clientSource),
      }));
    },
  };
}
