// `pnpm hostile`: a broker that lies in one field of one API's answers, for every API and field that the client reads.
//
//   pnpm hostile                                       all of it
//   pnpm hostile --api Fetch --field errorCode         only what has these words in its name
//   pnpm hostile --value 3  --subject reader  --beginning later
//   pnpm hostile --every 50                            each fiftieth
//   --at-once 12  --outcomes
//
// Ends with 1 when a call was late, a loop had no end or no pause, something was left behind, or nothing worked afterwards.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { mustEndByItself } from '../deadlines/still-alive.ts';
import { mutationsOf, type Seen } from './mutation.ts';
import { type Subject, subjects } from './subjects.ts';
import { type Beginning, type Cell, type Sample, trial } from './trial.ts';
import { Work } from './work.ts';
import { World } from './world.ts';

const text = { type: 'string', default: '' } as const;
const { values } = parseArgs({
  options: {
    ...{ api: text, field: text, value: text, subject: text, beginning: text },
    every: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '12' },
    outcomes: { type: 'boolean', default: false },
  },
});

const RECORDED_MS = 1_000;
const BEGINNINGS: readonly Beginning[] = ['at once', 'later'];

/** What a broker that is well answers to this subject. */
async function recorded(subject: Subject): Promise<Seen[]> {
  const seen: Seen[] = [];
  const world = await World.open(subject, (one) => seen.push(one));
  const work = new Work();
  subject.start(world.kafka, work);
  await delay(RECORDED_MS);
  const ended = work.ended(RECORDED_MS);
  await world.close();
  await ended;
  return seen;
}

async function cellsOf(subject: Subject): Promise<Cell[]> {
  const seen = await recorded(subject);
  const apis = [...new Set(seen.map(({ api }) => api))].filter(({ name }) => name.includes(values.api));
  return apis.flatMap((api) => {
    const answers = seen.filter((one) => one.api === api).map(({ answer }) => answer);
    const mutations = mutationsOf(answers).filter(
      (one) => one.path.join('.').includes(values.field) && (values.value === '' || one.text === values.value),
    );
    const kinds = BEGINNINGS.filter((one) => one.includes(values.beginning));
    return mutations.flatMap((mutation) =>
      kinds.map((beginning) => ({ subject, hostility: { api, mutation }, beginning })),
    );
  });
}

function nameOf({ subject, hostility: { api, mutation }, beginning }: Cell): string {
  return `${subject.name} | ${api.name} ${mutation.path.join('.')} = ${mutation.text} | ${beginning}`;
}

const running = new Set<Cell>();
const escaped: string[] = [];
function escapes(error: unknown): void {
  escaped.push(
    `${error instanceof Error ? error.stack : String(error)}\n  while: ${[...running].map(nameOf).join('; ')}`,
  );
}
process.on('uncaughtException', escapes);
process.on('unhandledRejection', escapes);

async function sampleOf(cell: Cell): Promise<Sample> {
  running.add(cell);
  try {
    return await trial(cell);
  } catch (error) {
    return { faults: [`the trial failed: ${String(error)}`], requests: 0, recoveryMs: 0, outcomes: [] };
  } finally {
    running.delete(cell);
  }
}

const all = (await Promise.all(subjects.filter(({ name }) => name.includes(values.subject)).map(cellsOf))).flat();
const cells = all.filter((_, index) => index % Number(values.every) === 0);
if (cells.length === 0)
  throw new RangeError('no subject, API or field has such a name; see scripts/hostile/subjects.ts');
console.error(`${cells.length} of ${all.length} cells`);
const began = performance.now();
const results = new Map<Cell, Sample>();
const waiting = [...cells];
async function worker(): Promise<void> {
  for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
    results.set(cell, await sampleOf(cell));
    if (results.size % 200 === 0) console.error(`${results.size} done`);
  }
}
await Promise.all(Array.from({ length: Number(values['at-once']) }, worker));
const suspects = cells.filter((cell) => (results.get(cell)?.faults.length ?? 0) > 0);
console.error(`${suspects.length} are repeated alone`);
for (const cell of suspects) results.set(cell, await sampleOf(cell));

const faulty = cells.filter((cell) => (results.get(cell)?.faults.length ?? 0) > 0);
for (const cell of values.outcomes ? cells : faulty) {
  const { faults = [], outcomes = [], requests = 0, recoveryMs = 0 } = results.get(cell) ?? {};
  console.log(
    `${nameOf(cell)}\n  ${faults.join('\n  ') || 'no fault'}\n  ${requests} requests in a second, well after ${Math.round(recoveryMs)} ms`,
  );
  for (const outcome of outcomes) console.log(`    ${outcome}`);
}
for (const one of escaped) console.log(`escaped: ${one}`);
const most = Math.max(...[...results.values()].map(({ requests }) => requests));
console.log(
  `${cells.length} cells, ${faulty.length} with faults, ${escaped.length} escaped; at most ${most} requests in a second`,
);
console.log(`${Math.round((performance.now() - began) / 1000)} s on Node ${process.version}`);
process.exitCode = faulty.length + escaped.length === 0 ? 0 : 1;
mustEndByItself();
