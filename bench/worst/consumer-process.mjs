// One consumer before one input: what it reads, how long the event loop stood still meanwhile, how large it became.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { inputs } from './inputs.mjs';

const MEGABYTE = 1e6;
/** The histogram counts the time between two timers, this included. */
const RESOLUTION_MS = 2;
const HEAP_EVERY_MS = 10;

const silent = { debug() {}, info() {}, warn() {}, error() {} };

process.once('message', async ({ id, checkout, bootstrap, from }) => {
  const { createClient } = await import(`${checkout}/packages/client/dist/index.js`);
  const input = inputs.find((one) => one.id === id);
  const kafka = createClient({ brokers: bootstrap, logger: silent });
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  let heap = 0;
  const sampling = setInterval(() => {
    heap = Math.max(heap, process.memoryUsage().heapUsed);
  }, HEAP_EVERY_MS);
  delay.enable();
  const begun = performance.now();
  const outcome = await readAll(kafka, input, BigInt(from)).catch((error) => ({ seen: 0, failure: error.message }));
  const ms = performance.now() - begun;
  // The last standstill is counted when the timer has fired after it.
  await new Promise((resolve) => setTimeout(resolve, 5 * RESOLUTION_MS));
  delay.disable();
  clearInterval(sampling);
  const rssMb = (process.resourceUsage().maxRSS * 1024) / MEGABYTE;
  process.send({
    ...outcome,
    ms,
    p99: msOf(delay.percentile(99)),
    max: msOf(delay.max),
    rssMb,
    heapMb: heap / MEGABYTE,
  });
});

const msOf = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);

async function readAll(kafka, { records, partitions = 1, options = {}, group, by }, offset) {
  const consumer = kafka.consumer({
    startAt: 'earliest',
    ...options,
    ...group,
    ...(group && { groupId: `worst-${process.pid}` }),
  });
  if (group === undefined) {
    await consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic: 't', partition, offset })));
  }
  let seen = 0;
  try {
    if (by === 'batch') {
      for await (const batch of consumer.batches()) {
        for (const { value } of batch) seen += Number(value !== undefined);
        if (seen >= records) break;
      }
    } else {
      for await (const { value } of consumer) {
        seen += Number(value !== undefined);
        if (seen >= records) break;
      }
    }
  } catch (error) {
    return { seen, failure: error.message };
  }
  return { seen, failure: null };
}
