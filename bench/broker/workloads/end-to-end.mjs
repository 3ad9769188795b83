// A few records in each tick, from the call of send to the loop that reads them: in one process, so with one clock.
import { latencies } from './latencies.mjs';

const WARM_UP = 0.5;
const DRAIN_MS = 5000;

export const endToEnd =
  ({ records, everyMs, bytes }) =>
  async ({ client, topic, seconds }) => {
    const producer = await client.producer();
    const times = [];
    let began = Number.POSITIVE_INFINITY;
    const stop = await client.live(topic, (text) => {
      const sent = Number.parseFloat(text);
      if (sent >= began) times.push(performance.now() - sent);
    });
    const send = () => {
      for (let i = 0; i < records; i++) {
        const text = String(performance.now()).padEnd(bytes, ' ');
        producer.one(topic, client.recordOf(text)).catch((error) => {
          throw error;
        });
      }
    };
    const ticking = setInterval(send, everyMs);
    await sleep(seconds * 1000 * WARM_UP);
    began = performance.now();
    await sleep(seconds * 1000);
    clearInterval(ticking);
    const expected = Math.floor(((seconds * 1000) / everyMs) * records * 0.8);
    for (let waited = 0; times.length < expected; waited += everyMs) {
      if (waited > DRAIN_MS) throw new Error(`${times.length} records arrived, more than ${expected} should have`);
      await sleep(everyMs);
    }
    await stop();
    await producer.close();
    return { ...latencies(times), records: times.length };
  };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
