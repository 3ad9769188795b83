// Every snippet of code of the READMEs runs, as it stands, against the embedded broker; every `hop` command line of them parses.
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from '@hopwire/client';
import { TestBroker } from '@hopwire/test-broker';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = `${root}/.cache/readme`;
const paths = ['README.md', 'packages/protocol/README.md'];
const readme = (await Promise.all(paths.map((path) => readFile(`${root}/${path}`, 'utf8')))).join('\n');
const snippets = (language: string): string[] =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) => code);

/** The line that tells it from the others: the first after the imports. */
const telling = (code: string): string => code.slice(code.indexOf('\n\n') + 2).split('\n')[0] ?? '';

let broker: TestBroker;
beforeAll(async () => {
  broker = await TestBroker.start({ topics: { orders: 1 } });
  await using kafka = createClient({ brokers: [broker.bootstrap] });
  await using producer = kafka.producer();
  await producer.send({ topic: 'orders', value: 'the first order' });
  await mkdir(folder, { recursive: true });
});
afterAll(async () => {
  await broker?.close();
  await rm(folder, { recursive: true, force: true });
});

const node = (...args: string[]): Promise<{ stdout: string }> =>
  run(process.execPath, ['--import', 'tsx', '--conditions=hopwire-source', ...args], { cwd: root });

it.each(snippets('ts').map((code, i) => [telling(code), i, code] as const))(
  'the snippet with "%s" is plain JavaScript and runs',
  async (_line, i, code) => {
    const file = `${folder}/snippet-${i}.mjs`;
    await writeFile(file, code.replaceAll('localhost:9092', broker.bootstrap));
    // As plain JavaScript of this Node: tsx, which finds the sources of our packages, would also translate it.
    await run(process.execPath, ['--check', file]);
    await node(file);
  },
);

it('every hop command line is understood', async () => {
  const lines = snippets('sh')
    .join('')
    .split('\n')
    .filter((line) => /(^|\| )hop /.test(line));
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) {
    const args = line.replace(/^.*\bhop /, '').split(' ');
    // With --help appended nothing runs, but an unknown command or option is still refused.
    await node('packages/cli/src/main.ts', ...args, '--help');
  }
});
