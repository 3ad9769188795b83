// `pnpm soak`: three real brokers, one client with several of everything, and a fault every 15 to 20 seconds.
//
//   pnpm soak --minutes 10 [--seed N] [--kafka 4.3.1] [--only "outage of all,cut connections"]
//   pnpm soak --client ../other/packages/client/dist/index.js     another build of the client
//   --apart: every consumer out of a client of its own
//
// Ends with tables, and with 1 when a rule was broken. Figures are of one machine: JVMs, client and observer share it.
import { mkdirSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { faults } from './faults.ts';
import { TARGET_MS } from './recovery.ts';
import { adminLine, lateLines, recoveryTable, resourceTable, totalsTable, violationLines } from './report.ts';
import { type SoakResult, soak } from './soak.ts';

const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string' },
    kafka: { type: 'string', default: '4.3.1' },
    client: { type: 'string' },
    rate: { type: 'string', default: '300' },
    only: { type: 'string' },
    apart: { type: 'boolean', default: false },
  },
});

function print({ ledger, recoveries, judgement, violations }: SoakResult): void {
  const figures = `"ack" and "record": ms from the time a partition could be had again (it has a leader that clients
reach, two copies in step) to its first acknowledgement, and to the first record read by each reader. The target is
${TARGET_MS} ms. "gap": the longest time in which a partition got none, the outage itself included.`;
  console.log(['', recoveryTable(recoveries), '', figures, '', totalsTable(judgement), ''].join('\n'));
  console.log([resourceTable(ledger), '', adminLine(ledger), ''].join('\n'));
  console.log(lateLines(recoveries));
  console.log(violations.length > 0 ? violationLines(violations) : 'no rule was broken');
}

const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const kinds = values.only?.split(',').map((kind) => kind.trim()) ?? Object.keys(faults);
const unknown = kinds.find((kind) => !(kind in faults));
if (unknown !== undefined)
  throw new RangeError(`--only: no fault '${unknown}', only: ${Object.keys(faults).join(', ')}`);
// The brokers' processes are ended when this one exits; a signal alone would not let it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
console.log(`soak: ${values.minutes} min on Kafka ${values.kafka}, --seed ${seed}`);
mkdirSync(CACHE, { recursive: true });
const result = await soak({
  minutes: Number(values.minutes),
  seed,
  kafka: values.kafka,
  client: values.client === undefined ? '@hopwire/client' : pathToFileURL(values.client).href,
  rate: Number(values.rate),
  apart: values.apart,
  kinds,
  clientLog: `${CACHE}/soak-client.log`,
  say: (line) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`),
});
print(result);
// Not by itself: Node 20 was seen to spin for ever while it takes itself down after all was closed.
process.exit(result.violations.length > 0 ? 1 : 0);
