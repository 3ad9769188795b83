// As many single records as the client takes, without waiting for each: up to 1 M of them, or until the time is up, and
// then until all are acknowledged.

const MOST_RECORDS = 1_000_000;
const MOST_OPEN = 10_000;
const WARM_UP = 0.3;
/** Looking at the clock costs something, too. */
const AT_A_TIME = 100;

export const flood =
  ({ bytes, partitions }) =>
  async ({ client, topic, seconds }) => {
    const producer = await client.producer();
    const record = client.record(bytes);
    const make = (i) => ({ ...record(), partition: i % partitions });
    await sendFor(producer, topic, make, seconds * WARM_UP);
    const began = performance.now();
    const records = await sendFor(producer, topic, make, seconds);
    const elapsed = performance.now() - began;
    await producer.close();
    return { records, rate: records / (elapsed / 1000) };
  };

async function sendFor(producer, topic, make, seconds) {
  const sink = producer.flood(topic, MOST_OPEN);
  const end = performance.now() + seconds * 1000;
  let count = 0;
  while (count < MOST_RECORDS && performance.now() < end) {
    for (const stop = count + AT_A_TIME; count < stop; count++) {
      const room = sink.put(make(count));
      if (room) await room;
    }
  }
  await sink.end();
  return count;
}
