// Many records with one call, awaited, one call after the other.
import { latencies } from './latencies.mjs';

const WARM_UP = 0.3;

export const batches =
  ({ records, bytes }) =>
  async ({ client, topic, partitions, seconds }) => {
    const producer = await client.producer();
    const record = client.record(bytes);
    const all = () => Array.from({ length: records }, (_, i) => ({ ...record(), partition: i % partitions }));
    await sendFor(producer, topic, all, seconds * WARM_UP);
    const began = performance.now();
    const times = await sendFor(producer, topic, all, seconds);
    const elapsed = performance.now() - began;
    await producer.close();
    return { ...latencies(times), records: times.length * records, rate: (times.length * records) / (elapsed / 1000) };
  };

/** The records are made anew for each call, as a program would: a client may keep or change what it is given. */
async function sendFor(producer, topic, make, seconds) {
  const times = [];
  const end = performance.now() + seconds * 1000;
  for (let before = performance.now(); before < end; ) {
    await producer.many(topic, make());
    const after = performance.now();
    times.push(after - before);
    before = after;
  }
  return times;
}
