// A worker of a group that handles the orders of the web service, each of them once.
//
// SIGTERM: the order at work is finished, what is done is committed, the group is left, and the process ends.
// What has no order in it goes to the topic `orders.rejected`, so that it stops nobody.
import { appendFile, readFile } from 'node:fs/promises';
import { createClient } from '@hopwire/client';

/** What stands for the worker's database: a line for each order that is handled. */
const HANDLED = process.env.HANDLED ?? 'handled.txt';

const kafka = createClient({ brokers: process.env.KAFKA ?? 'localhost:9092', clientId: 'orders-worker' });
const producer = kafka.producer();
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

const consumer = kafka.consumer({
  groupId: 'billing',
  topics: ['orders'],
  startAt: 'earliest',
  signal: stop.signal,
});

const handled = new Set((await readFile(HANDLED, 'utf8').catch(() => '')).split('\n'));

console.log('waiting for orders');
for await (const record of consumer) {
  const id = idOf(record);
  if (id === undefined) await reject(record);
  else if (handled.has(id)) console.log(id, 'was handled before');
  else await handle(id);
}
await kafka.close();
console.log('ended');

/** The work itself. A record is done, and its offset will be committed, when this has ended and the loop goes on. */
async function handle(id) {
  await appendFile(HANDLED, `${id}\n`);
  handled.add(id);
}

async function reject(record) {
  console.error(`${record.topic}-${record.partition} at ${record.offset} is no order`);
  await producer.send({ topic: 'orders.rejected', key: record.key, value: record.value });
}

function idOf(record) {
  try {
    const order = JSON.parse(record.text() ?? '');
    return typeof order === 'object' && order !== null && 'id' in order ? String(order.id) : undefined;
  } catch {
    return undefined;
  }
}
