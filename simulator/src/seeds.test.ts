// The fixed set of seeds. One that breaks a rule is a fault of the client, or a rule that says too much.
import { describe, expect, it } from 'vitest';
import { breachesOf } from './breaches.ts';

const FIRST = 1;
const LAST = 400;
/** Seeds that show what is known and not mended yet, with the rule they break. */
const OPEN: ReadonlyMap<number, string> = new Map([
  // createTopics: an attempt that has worked is not known as unsure, and the next one meets its own topic.
  [235, 'admin tells the truth'],
]);

describe('the fixed seeds', () => {
  it('break no rule', { timeout: 900_000 }, async () => {
    const all = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i);
    expect(await breachesOf(all.filter((seed) => !OPEN.has(seed)))).toEqual([]);
  });
});
