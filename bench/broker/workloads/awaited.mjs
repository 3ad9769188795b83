// Single sends that are awaited: by one caller, or by many at a time.
import { latencies } from './latencies.mjs';

const WARM_UP = 0.3;

/** One after the other. */
export const sequential =
  ({ bytes }) =>
  (context) =>
    callers(context, bytes, 1);

export const concurrent =
  ({ bytes, callers: count }) =>
  (context) =>
    callers(context, bytes, count);

async function callers({ client, topic, seconds }, bytes, count) {
  const producer = await client.producer();
  const record = client.record(bytes);
  await Promise.all(Array.from({ length: count }, () => sendFor(producer, topic, record, seconds * WARM_UP)));
  const began = performance.now();
  const times = (
    await Promise.all(Array.from({ length: count }, () => sendFor(producer, topic, record, seconds)))
  ).flat();
  const elapsed = performance.now() - began;
  await producer.close();
  return { ...latencies(times), records: times.length, rate: times.length / (elapsed / 1000) };
}

/** Times of all sends, in ms. */
async function sendFor(producer, topic, record, seconds) {
  const times = [];
  const end = performance.now() + seconds * 1000;
  for (let before = performance.now(); before < end; ) {
    await producer.one(topic, record());
    const after = performance.now();
    times.push(after - before);
    before = after;
  }
  return times;
}
