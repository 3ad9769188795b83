// `pnpm test`: builds, runs every test that this machine can run, says why others were skipped, and ends with one line
// of counts taken from the runner's own report.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const REPORT = '.cache/test-report.json';

interface Assertion {
  readonly status: string;
  readonly fullName: string;
}

interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly Assertion[];
  }[];
}

function run(command: string, args: readonly string[]): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

/** The reason stands in the name of a skipped suite or test: `... [skipped: reason]`. */
function reasonOf(test: Assertion): string {
  return /\[skipped: ([^[\]]+)\]/.exec(test.fullName)?.[1] ?? `no reason given: ${test.fullName}`;
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

function summarise(report: Report): number {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failed = tests.filter((test) => test.status === 'failed').length;
  const skipped = tests.filter((test) => test.status !== 'passed' && test.status !== 'failed');
  // A file that could not even be loaded has no tests of its own to count.
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  for (const file of broken) console.log(`could not run: ${file.name}`);
  for (const [reason, count] of countBy(skipped, reasonOf)) console.log(`skipped ${count}: ${reason}`);
  console.log(`${passed} passed, ${failed + broken.length} failed, ${skipped.length} skipped`);
  return failed + broken.length > 0 || passed === 0 || !report.success ? 1 : 0;
}

mkdirSync('.cache', { recursive: true });
rmSync(REPORT, { force: true });
const built = await run('pnpm', ['build']);
if (built !== 0) process.exit(built);
if ((process.env.HOP_TEST_REQUIRE ?? '').split(',').includes('jvm')) {
  const fetched = await run('pnpm', ['jars']);
  if (fetched !== 0) process.exit(fetched);
}
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
await run('pnpm', ['exec', 'vitest', 'run', ...reporters, ...process.argv.slice(2)]);
process.exitCode = summarise(JSON.parse(readFileSync(REPORT, 'utf8')) as Report);
