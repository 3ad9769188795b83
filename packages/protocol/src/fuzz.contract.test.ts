// A fixed part of the fuzzing, in every run of the tests; `pnpm fuzz --minutes N` goes on from there.
import { describe, expect, it } from 'vitest';
import { fuzzTargets } from './testing/fuzz/fuzz.ts';
import { caseOf, runCase } from './testing/fuzz/run.ts';

const SEED = Number(process.env.HOP_FUZZ_SEED ?? 1);
const CASES_EACH = 40;
const targets = fuzzTargets();

describe(`bytes that nobody vouches for (seed ${SEED})`, () => {
  it('are read or refused, in bounded time and memory, by every decoder', () => {
    const findings = Array.from({ length: CASES_EACH * targets.length }, (_, i) => runCase(caseOf(targets, SEED, i)));
    expect(findings.filter((finding) => finding !== null)).toEqual([]);
  });

  it('are changed messages as well as noise: many are read, many refused', () => {
    const read = (i: number): boolean => {
      const { target, bytes } = caseOf(targets, SEED, i);
      try {
        target.check(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const outcomes = Array.from({ length: 5 * targets.length }, (_, i) => read(i));
    const share = outcomes.filter(Boolean).length / outcomes.length;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.7);
  });
});
