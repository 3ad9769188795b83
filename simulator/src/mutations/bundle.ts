// The simulator as one file for plain Node, made from a client whose source was changed.
import { readFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
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
const client = resolve(root, 'packages/client/src');
const BANNER = "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);";

/**
 * @returns path of the bundle, which is a script for `runJobs`
 * @throws {Error} when a text that is to be replaced is not in its file exactly once
 */
export async function bundle(name: string, patches: readonly Patch[]): Promise<string> {
  const outfile = resolve(root, '.cache/simulator', `${name.replaceAll(/\W+/g, '-')}.mjs`);
  const sources = await patched(patches);
  await build({
    entryPoints: [resolve(root, 'simulator/src/mutations/job-main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['hopwire-source'],
    // What the test broker loads only when it is asked for.
    external: ['testcontainers', '@testcontainers/kafka', '@peculiar/x509', 'reflect-metadata'],
    banner: { js: BANNER },
    logLevel: 'error',
    plugins: [replacing(sources)],
  });
  return outfile;
}

/** New texts of the client's files, by path. @throws {Error} when a patch does not fit */
export async function patched(patches: readonly Patch[]): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const { file, find, replace } of patches) {
    const path = resolve(client, file);
    const text = texts.get(path) ?? (await readFile(path, 'utf8'));
    const count = text.split(find).length - 1;
    if (count !== 1) throw new Error(`${relative(root, path)} has this ${count} times instead of once:\n${find}`);
    texts.set(
      path,
      text.replace(find, () => replace),
    );
  }
  return texts;
}

function replacing(sources: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'mutations',
    setup: ({ onLoad }) => {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const contents = sources.get(path);
        return contents === undefined ? undefined : { contents, loader: 'ts' };
      });
    },
  };
}
