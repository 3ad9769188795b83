// The fixed set of seeds. One that breaks a rule is a fault of the client, or a rule that says too much.
import { describe, expect, it } from 'vitest';
import { breachesOf } from './breaches.ts';

const FIRST = 1;
const LAST = 400;

describe('the fixed seeds', () => {
  it('break no rule', { timeout: 900_000 }, async () => {
    const all = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i);
    expect(await breachesOf(all)).toEqual([]);
  });
});
