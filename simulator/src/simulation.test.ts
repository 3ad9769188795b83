// The same seed is the same run, byte for byte, and nothing escapes the seam.
import { describe, expect, it } from 'vitest';
import { simulate } from './simulation.ts';

const SEEDS = Array.from({ length: 12 }, (_, i) => 9_000 + i);

describe('a simulation', () => {
  it('goes the same way twice, byte for byte', async () => {
    for (const seed of SEEDS) {
      const first = await simulate(seed);
      const second = await simulate(seed);
      expect([seed, second.digest, second.events]).toEqual([seed, first.digest, first.events]);
      expect(first.violation?.rule).not.toBe('nothing escapes the seam');
    }
  });

  it('goes another way with another seed', async () => {
    const digests = new Set<string>();
    for (const seed of SEEDS.slice(0, 5)) digests.add((await simulate(seed)).digest);
    expect(digests.size).toBe(5);
  });
});
