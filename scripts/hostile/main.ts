// `pnpm hostile`: a broker that lies in one field of one API's answers, for every API and field that the client reads.
//
//   pnpm hostile                                       all of it
//   pnpm hostile --api Fetch --field errorCode         only what has these words in its name
//   pnpm hostile --value 3  --subject reader  --beginning later
//   pnpm hostile --every 50                            each fiftieth
//   pnpm hostile --growth 20                           instead: does memory grow in so many seconds of errors for ever?
//   --at-once 60  --outcomes                           worlds side by side; how each call ended, too
//
// A table by API ends it.
// Ends with 1 when a call was late, a loop had no end or no pause, something was left behind, or nothing worked afterwards.
import { parseArgs } from 'node:util';
import { mustEndByItself } from '../deadlines/still-alive.ts';
import { cellsOf, nameOf } from './cells.ts';
import { growth } from './growth.ts';
import { Runner } from './runner.ts';
import { subjects } from './subjects.ts';
import { tableOf } from './table.ts';
import type { Cell } from './trial.ts';

const text = { type: 'string', default: '' } as const;
const { values } = parseArgs({
  options: {
    ...{ api: text, field: text, value: text, subject: text, beginning: text, growth: text },
    every: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '60' },
    outcomes: { type: 'boolean', default: false },
  },
});

function isWanted({ hostility: { api, mutation }, beginning }: Cell): boolean {
  if (!api.name.includes(values.api) || !beginning.includes(values.beginning)) return false;
  if (values.value !== '' && mutation.text !== values.value) return false;
  return mutation.path.join('.').includes(values.field);
}

const runner = new Runner((line) => console.error(line));
const escaped: string[] = [];
function escapes(error: unknown): void {
  const said = error instanceof Error ? error.stack : String(error);
  escaped.push(`${said}\n  while: ${[...runner.running].map(nameOf).join('; ')}`);
}
process.on('uncaughtException', escapes);
process.on('unhandledRejection', escapes);

async function lie(): Promise<number> {
  const some = subjects.filter(({ name }) => name.includes(values.subject));
  const all = (await Promise.all(some.map(cellsOf))).flat().filter(isWanted);
  const cells = all.filter((_, index) => index % Number(values.every) === 0);
  if (cells.length === 0)
    throw new RangeError('no subject, API or field has such a name; see scripts/hostile/subjects.ts');
  console.error(`${cells.length} of ${all.length} cells`);
  await runner.run(cells, Number(values['at-once']));
  const faulty = cells.filter((cell) => runner.faultsOf(cell).length > 0);
  for (const cell of values.outcomes ? cells : faulty) tell(cell);
  console.log(tableOf(runner.results));
  console.log(`${cells.length} of ${all.length} cells, ${faulty.length} with faults`);
  return faulty.length;
}

function tell(cell: Cell): void {
  const { faults = [], outcomes = [], requests = 0, recoveryMs = 0 } = runner.results.get(cell) ?? {};
  const said = `${requests} requests in a second, well after ${Math.round(recoveryMs)} ms`;
  console.log(`${nameOf(cell)}\n  ${faults.join('\n  ') || 'no fault'}\n  ${said}`);
  for (const outcome of outcomes) console.log(`    ${outcome}`);
}

const began = performance.now();
const faults = values.growth === '' ? await lie() : await growth(subjects, Number(values.growth));
for (const one of escaped) console.log(`escaped: ${one}`);
console.log(
  `${escaped.length} escaped; ${Math.round((performance.now() - began) / 1000)} s on Node ${process.version}`,
);
process.exitCode = faults + escaped.length === 0 ? 0 : 1;
mustEndByItself();
