// Clients side by side against one broker: what each workload is stands in workloads.mjs.
//
//   npx -y node@24 bench/broker/run.mjs [HOST:PORT] [--before CHECKOUT] [--only P-seq,C-drain] [--clients hopwire,before]
//                                       [--rounds 5] [--seconds 3] [--now CHECKOUT] [--write]
//
// --before names another checkout of this repository, built (`pnpm build`), to compare with. Without an address a Kafka
// is started, and ended afterwards. A run without --only and --clients writes its section of bench/RESULTS.md; others do
// with --write.
import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { writeSection } from '../results.mjs';
import { brokerFor } from './broker.mjs';
import { names } from './clients.mjs';
import { textOf } from './figures.mjs';
import { measure } from './measure.mjs';
import { markdown } from './report.mjs';
import { Topics } from './topics.mjs';
import { workloads } from './workloads.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    now: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    before: { type: 'string' },
    only: { type: 'string' },
    clients: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const listOf = (text) => text?.split(',').map((part) => part.trim());

const starts = listOf(options.only);
const chosen = workloads.filter(({ id }) => starts?.some((start) => id.startsWith(start)) ?? true);
const clients = (listOf(options.clients) ?? names).filter((name) => name !== 'before' || options.before !== undefined);
const unknown = clients.find((name) => !names.includes(name));
if (unknown) throw new RangeError(`--clients: no client '${unknown}', only ${names.join(', ')}`);
if (chosen.length === 0) throw new RangeError(`--only: only ${workloads.map(({ id }) => id).join(', ')}`);

const distOf = (checkout) => `${checkout.replace(/\/$/, '')}/packages/client/dist`;
const dists = { hopwire: distOf(options.now), ...(options.before && { before: distOf(options.before) }) };

function versions() {
  const read = (path) => JSON.parse(readFileSync(new URL(`../node_modules/${path}/package.json`, import.meta.url)));
  return ['kafka-ts', '@platformatic/kafka', 'kafkajs'].map((path) => `${path} ${read(path).version}`).join(', ');
}

function say({ id, figures }, name, result) {
  const told = figures.map((figure) => `${figure.title} ${textOf(figure, result[figure.name] ?? 0)}`).join(', ');
  console.log(`${id.padEnd(15)} ${name.padEnd(13)} ${result.reason ?? told}`);
}

const broker = await brokerFor(positionals[0]);
const { createClient } = await import(pathToFileURL(`${dists.hopwire}/index.js`).href);
const topics = new Topics(createClient({ brokers: [broker.bootstrap] }));
const measured = [];
try {
  for (const workload of chosen) {
    const setting = { clients, rounds, seconds, bootstrap: broker.bootstrap, dists, topics, say };
    measured.push({ workload, results: await measure(workload, setting) });
  }
} finally {
  await topics.close();
  await broker.close();
}
const text = markdown(measured, clients, { rounds, seconds, versions: versions(), broker: broker.name });
console.log(`\n${text}`);
if (options.write || (options.only === undefined && options.clients === undefined)) {
  writeSection('broker', text);
  console.log('written to bench/RESULTS.md');
}
