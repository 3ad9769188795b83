import { describe, expect, it } from 'vitest';
import { Pace } from './pace.ts';

const AMPLE = 45_000;

/** Hands out records that take `ms` each. Answers how many there are from one look to the next, and which turns are due. */
function run(records: number, ms: number, certainMs: number): { looks: number[]; turns: number[] } {
  const pace = new Pace();
  const looks: number[] = [];
  const turns: number[] = [];
  pace.turned(0);
  for (let index = 0, between = 0; index < records; index++, between++) {
    if (!pace.isDue()) continue;
    if (pace.look(index * ms, certainMs)) turns.push(index * ms);
    looks.push(between);
    between = 0;
  }
  return { looks: looks.slice(2), turns }; // the pace is known from the second on
}

describe('the clock is looked at', () => {
  it('after sixteen quick records at most', () => {
    const { looks } = run(1_000, 0.001, AMPLE);
    expect(Math.max(...looks)).toBe(16);
    expect(looks.at(-1)).toBe(16);
  });

  it('about once in a millisecond', () => {
    expect(Math.max(...run(1_000, 0.3, AMPLE).looks)).toBe(3);
  });

  it.each([1, 5, 100])('for each record that takes %i ms', (ms) => {
    expect(Math.max(...run(100, ms, AMPLE).looks)).toBe(1);
  });

  it('for each record, however quick, while only seconds are certain', () => {
    expect(Math.max(...run(1_000, 0.001, 9_999).looks)).toBe(1);
  });

  it('before the first record after the event loop had a turn', () => {
    const pace = new Pace();
    for (let index = 0; index < 100; index++) if (pace.isDue()) pace.look(index * 0.001, AMPLE);
    pace.turned(0.1);
    expect(pace.isDue()).toBe(true);
  });
});

it.each([0.001, 0.3, 5])('the event loop has a turn every eight milliseconds of records of %f ms each', (ms) => {
  const { turns } = run(40 / ms, ms, AMPLE);
  const gaps = turns.map((at, index) => at - (turns[index - 1] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(8 - 1e-9);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(10);
});
