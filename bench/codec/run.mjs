// Codecs side by side: ours and those of kafkajs, @platformatic/kafka and kafka-ts, as installed from npm.
//
//   npx -y node@24 bench/codec/run.mjs [--only=REGEX] [--rounds=15] [--milliseconds=30] [--clock=wall]
//
// Each client does each case in a process of its own. They are warmed up, then run in turn, round by round, one at a
// time; a figure is the median of the rounds. Seconds are those of CPU time, which other processes disturb less than
// those of the wall. A whole run writes its section of bench/RESULTS.md; one with --only just prints.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { writeSection } from '../results.mjs';
import { clients, groups } from './cases.mjs';
import { markdown, rowText } from './report.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '15' },
    milliseconds: { type: 'string', default: '30' },
    clock: { type: 'string', default: 'cpu' },
  },
});
const rounds = Number(options.rounds);
const milliseconds = Number(options.milliseconds);
const { clock } = options;
const WARM_UP_MS = 400;
const worker = new URL('./worker.mjs', import.meta.url);

async function start(client, caseId) {
  const child = fork(worker, [client, caseId]);
  const [answer] = await once(child, 'message');
  return { client, child, nanoseconds: [], ...answer };
}

async function run(contestant, duration) {
  contestant.child.send({ milliseconds: duration, clock });
  const [{ nanoseconds }] = await once(contestant.child, 'message');
  return nanoseconds;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function measure(chosen) {
  const started = [];
  for (const client of clients) started.push(await start(client, chosen.id));
  const able = started.filter(({ reason }) => reason === undefined);
  const results = new Set(able.map(({ result }) => result));
  if (!chosen.bytesDiffer && results.size > 1) {
    throw new Error(`${chosen.id}: ${able.map(({ client, result }) => `${client} ${result}`).join(', ')}`);
  }
  for (const contestant of able) await run(contestant, WARM_UP_MS);
  for (let round = 0; round < Math.min(rounds, chosen.rounds ?? rounds); round++) {
    for (const contestant of able) contestant.nanoseconds.push(await run(contestant, milliseconds));
  }
  for (const { child } of able) child.kill();
  return started.map(({ client, reason, result, nanoseconds }) =>
    reason === undefined
      ? {
          client,
          result,
          nanoseconds: median(nanoseconds),
          spread: [Math.min(...nanoseconds), Math.max(...nanoseconds)],
        }
      : { client, reason },
  );
}

const only = new RegExp(options.only ?? '.');
const measured = [];
for (const group of groups) {
  const rows = [];
  for (const chosen of group.cases.filter(({ id }) => only.test(id))) {
    const row = { ...chosen, figures: await measure(chosen) };
    console.log(rowText(row));
    rows.push(row);
  }
  measured.push({ ...group, rows });
}

if (options.only === undefined) {
  const text = markdown(measured, { rounds, milliseconds, clock });
  writeSection('codec', text);
  console.log('written to bench/RESULTS.md');
}
