import { describe, expect, it } from 'vitest';
import { askPartitioner, partitionForKey, StickyPartition } from './partitioner.ts';

/** Java's murmur2 of each key. */
const javaHashes: readonly (readonly [string, number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['abc', 479470107],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['', 275646681],
];

describe('keys', () => {
  it.each(javaHashes)('CLI-019 %j goes where the Java producer puts it', (key, hash) => {
    for (const partitions of [1, 3, 12, 1000]) {
      expect(partitionForKey(Buffer.from(key), partitions)).toBe((hash & 0x7fffffff) % partitions);
    }
  });
});

describe('records without a key', () => {
  it('stay on a partition for 64 KiB, then go to another', () => {
    const sticky = new StickyPartition(() => 0);
    const visited = Array.from({ length: 200 }, () => sticky.next(1024, 3, [0, 1, 2]));
    expect(visited.slice(0, 64).every((p) => p === visited[0])).toBe(true);
    expect(visited[64]).not.toBe(visited[0]);
    expect(visited.slice(64, 128).every((p) => p === visited[64])).toBe(true);
  });

  it('avoid partitions without a leader', () => {
    const sticky = new StickyPartition(() => 0.99);
    const visited = new Set(Array.from({ length: 20 }, () => sticky.next(64 * 1024, 4, [1, 2])));
    expect([...visited].sort()).toEqual([1, 2]);
  });

  it('spread evenly over all partitions', () => {
    const sticky = new StickyPartition();
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) {
      const at = sticky.next(64 * 1024, 4, [0, 1, 2, 3]);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    for (const count of counts) expect(count).toBeGreaterThan(800);
  });

  it('stay where they are when there is only one partition, and follow a topic that shrank', () => {
    const sticky = new StickyPartition(() => 0.9);
    expect(sticky.next(64 * 1024, 10, [])).toBe(9);
    expect([sticky.next(64 * 1024, 1, []), sticky.next(64 * 1024, 1, [0])]).toEqual([0, 0]);
  });
});

it('an own partitioner says a partition of the topic, or it is an error that says so', () => {
  const info = { topic: 'orders', key: null, partitions: 3 };
  expect(askPartitioner(() => 2, info)).toBe(2);
  for (const bad of [3, -1, 1.5, Number.NaN]) {
    expect(() => askPartitioner(() => bad, info)).toThrow(/orders: the partitioner says partition/);
  }
  for (const bad of ['1', undefined, null, 1n, Promise.reject(new Error('later'))]) {
    expect(() => askPartitioner(() => bad as never, info)).toThrow(
      /orders: the partitioner must return a number at once/,
    );
  }
});
