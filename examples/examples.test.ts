// The examples beside the embedded broker. They run as a user would run them: built packages, plain Node.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTarget } from '@hopwire/test-broker/harness';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { testsOfADay } from './testing/day.ts';

const run = promisify(execFile);
const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

/** Without types, comments, white space and optional commas. */
async function statements(file: string): Promise<string> {
  const source = await readFile(path(file), 'utf8');
  const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, removeComments: true };
  return ts.transpileModule(source, { compilerOptions }).outputText.replaceAll(/\s+|,(?=\s*[)}\]])/g, '');
}

describe('the examples with the embedded broker', () => {
  testsOfADay(() => startTarget({ kind: 'embedded' }));

  it('compile under strict TypeScript without skipLibCheck', { timeout: 60_000 }, async () => {
    const tsc = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')));
    await run(process.execPath, [tsc, '-p', path('typescript/tsconfig.json')]);
  });

  it.each(['web-service', 'worker'])('%s is the same program in both languages', async (name) => {
    expect(await statements(`javascript/${name}.mjs`)).toBe(await statements(`typescript/${name}.ts`));
  });
});
