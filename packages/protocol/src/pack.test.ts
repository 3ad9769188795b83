// The package as its users get it: packed, installed into an empty folder, used from ESM, CommonJS and TypeScript.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const packageFolder = fileURLToPath(new URL('..', import.meta.url));
const root = fileURLToPath(new URL('../../..', import.meta.url));
const unbuilt = existsSync(join(packageFolder, 'dist/index.js')) ? '' : ' [skipped: not built; pnpm build makes it]';

describe.skipIf(unbuilt)(`The packed protocol${unbuilt}`, () => {
  let folder: string;
  const installed = (): string => join(folder, 'node_modules/@hopwire/protocol');
  const node = async (type: 'module' | 'commonjs', code: string): Promise<string> =>
    (await run(process.execPath, [`--input-type=${type}`, '-e', code], { cwd: folder })).stdout.trim();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hopwire-pack-'));
    await run('npm', ['pack', '--pack-destination', folder], { cwd: packageFolder });
    const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? '';
    await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }');
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, tarball)], { cwd: folder });
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('installs without any dependency, with licence and documents, without tests and golden files', async () => {
    expect(await readdir(join(folder, 'node_modules/@hopwire'))).toEqual(['protocol']);
    const packages = (await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'));
    expect(packages).toEqual(['@hopwire']);
    expect((await readdir(installed())).sort()).toEqual(['BROKERS.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
  });

  it('has the licence of the repository', async () => {
    expect(await readFile(join(installed(), 'LICENSE'), 'utf8')).toBe(await readFile(join(root, 'LICENSE'), 'utf8'));
  });

  it('works by import and by require, its tag for golden bytes too', async () => {
    const code = "console.log(apiByKey(3).name, bytes`0003 'a'`.length)";
    const names = (from: string): string => `apiByKey } ${from}`;
    const esm = `import { ${names("from '@hopwire/protocol'")}; import { bytes } from '@hopwire/protocol/testing'; ${code}`;
    const cjs = `const { ${names("= require('@hopwire/protocol')")}; const { bytes } = require('@hopwire/protocol/testing'); ${code}`;
    expect([await node('module', esm), await node('commonjs', cjs)]).toEqual(['Metadata 3', 'Metadata 3']);
  });

  it('gives its errors their own names, which a bundler may change', async () => {
    const code = `import * as all from '@hopwire/protocol';
const errors = Object.entries(all).filter(([, one]) => one.prototype instanceof Error);
console.log(errors.length, errors.filter(([name, error]) => error.name !== name).map(([name]) => name).join());`;
    expect(await node('module', code)).toBe('7');
  });

  it('type-checks in a strict project that checks libraries too, and narrows a request to its API', async () => {
    const code = `import { decodeRequestFrame, encodeResponseFrame, Heartbeat, isRequestOf } from '@hopwire/protocol';
const request = decodeRequestFrame(new Uint8Array(0));
if (isRequestOf(Heartbeat, request)) {
  const generation: number = request.body.generationId;
  encodeResponseFrame(Heartbeat, 4, { throttleTimeMs: 0, errorCode: generation });
}
// @ts-expect-error: without it nothing is known of the body
request.body.generationId;
`;
    await Promise.all(['user.ts', 'user.cts'].map((name) => writeFile(join(folder, name), code)));
    const flags = '--strict --noEmit --target es2022 --lib es2022 --module nodenext --types node'.split(' ');
    const types = ['--typeRoots', join(root, 'node_modules/@types')];
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [tsc, ...flags, ...types, 'user.ts', 'user.cts'], { cwd: folder }).catch(
      (error: { stdout?: string }) => {
        throw new Error(error.stdout);
      },
    );
  }, 120_000);
});
