// A backlog, read from its beginning to its end. Counted from the first record, so that joining a group does not count.
import { BACKLOG } from '../backlog.mjs';

export const drain =
  ({ way }) =>
  async ({ client, topic }) => {
    const reader = client.drain[way];
    if (!reader) return { reason: `it does not read by the ${way}` };
    let count = 0;
    let bytes = 0;
    let began = 0;
    let ended = 0;
    const done = Promise.withResolvers();
    const stop = await reader(topic, {
      one(value) {
        if (count === 0) began = performance.now();
        bytes += value.length;
        if (++count === BACKLOG.records) {
          ended = performance.now();
          done.resolve();
        }
      },
      failed: done.reject,
    });
    await done.promise;
    await stop();
    if (bytes !== BACKLOG.records * BACKLOG.bytes) throw new Error(`read ${bytes} bytes`);
    return { records: count, rate: count / ((ended - began) / 1000) };
  };
