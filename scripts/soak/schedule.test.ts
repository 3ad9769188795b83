import { expect, it } from 'vitest';
import { Random } from '../../packages/protocol/src/testing/random.ts';
import { turns } from './schedule.ts';

function drawn(seed: number, count: number): string[] {
  const source = turns(['a', 'b', 'c', 'd'], new Random(seed));
  return Array.from({ length: count }, () => source.next().value.kind);
}

it('every kind comes as often as the others, in an order that the seed decides', () => {
  const order = drawn(7, 12);
  for (let round = 0; round < 3; round++) {
    expect(order.slice(round * 4, round * 4 + 4).sort()).toEqual(['a', 'b', 'c', 'd']);
  }
  expect(drawn(7, 12)).toEqual(order);
  expect(drawn(8, 12)).not.toEqual(order);
});

it('pauses are 15 to 20 seconds', () => {
  const source = turns(['a'], new Random(1));
  for (let i = 0; i < 100; i++) {
    const { pauseMs } = source.next().value;
    expect(pauseMs).toBeGreaterThanOrEqual(15_000);
    expect(pauseMs).toBeLessThan(20_000);
  }
});
