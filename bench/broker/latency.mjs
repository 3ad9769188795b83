// How long a live message takes from being produced to standing on the standard output of a waiting `hop subscribe`.
//
//   node bench/broker/latency.mjs 127.0.0.1:9092 [messages]
//
// hopwire is taken as built (pnpm build). Each message is sent alone, after the one before it was printed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createClient } from '../../packages/client/dist/index.js';

const bootstrap = process.argv[2] ?? '127.0.0.1:9092';
const count = Number(process.argv[3] ?? 200);
const hop = fileURLToPath(new URL('../../packages/cli/dist/main.js', import.meta.url));
const topic = `latency-${Date.now()}`;

const kafka = createClient({ brokers: [bootstrap] });
await kafka.admin().createTopics([{ topic, partitions: 1 }]);
const producer = kafka.producer();
const args = [hop, 'subscribe', '--no-auth', '-s', 'EARLIEST', `kafka://${bootstrap}/${topic}`];
const subscriber = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
const lines = createInterface({ input: subscriber.stdout })[Symbol.asyncIterator]();

const times = [];
for (let i = 0; i < count + 10; i++) {
  const start = performance.now();
  await producer.send({ topic, value: `message ${i}` });
  const { value } = await lines.next();
  if (value !== `message ${i}`) throw new Error(`printed ${value}`);
  if (i >= 10) times.push(performance.now() - start);
}
subscriber.kill('SIGTERM');
await once(subscriber, 'exit');
await kafka.close();

times.sort((a, b) => a - b);
const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(2);
console.log(`${count} messages: median ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`);
