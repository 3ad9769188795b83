import { describe, expect, it } from 'vitest';
import type { Sample } from './messages.ts';
import { growth, quartersOf } from './resources.ts';

const samples = (heapAt: (i: number) => number, sockets = 40): Sample[] =>
  Array.from({ length: 40 }, (_, i) => {
    return { kind: 'sample', at: i, sockets, timers: 10, handles: 60, heapMb: heapAt(i), rssMb: 100 };
  });

describe('what the process holds', () => {
  it('is flat when it only moves about', () => {
    expect(growth(samples((i) => 20 + (i % 3)))).toEqual([]);
  });

  it('grows when the last quarter is well above the second', () => {
    expect(growth(samples((i) => 20 + i)).map(({ detail }) => detail)).toEqual(['heapMb: 35.0, later 55.0']);
  });

  it('may grow in the first quarter, where everything is opened for the first time', () => {
    expect(growth(samples((i) => Math.min(i, 10)))).toEqual([]);
  });

  it('is not judged by a few samples', () => {
    expect(growth(samples((i) => i).slice(0, 20))).toEqual([]);
  });

  it('is told by quarters', () => {
    expect(
      quartersOf(
        samples((i) => i),
        'heapMb',
      ),
    ).toEqual([5, 15, 25, 35]);
  });
});
