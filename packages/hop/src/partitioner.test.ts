import { describe, expect, it } from 'vitest';
import { generateGroupId } from './group-id.ts';
import { partitionOf } from './partitioner.ts';

describe('partitionOf', () => {
  it('puts keys where hop 0.12 puts them (HOP-035)', () => {
    expect(['a', 'key1', 'K', 'GRB'].map((key) => partitionOf(Buffer.from(key), 4))).toEqual([3, 0, 1, 1]);
  });

  it('spreads records without a key, or with an empty one', () => {
    const seen = new Set(Array.from({ length: 200 }, (_, index) => partitionOf(index % 2 ? null : Buffer.alloc(0), 3)));
    expect([...seen].sort()).toEqual([0, 1, 2]);
  });
});

describe('generateGroupId', () => {
  it('is the user name and ten characters of A-Z0-9, new each time', () => {
    expect(generateGroupId('alice')).toMatch(/^alice-[A-Z0-9]{10}$/);
    expect(generateGroupId(undefined)).toMatch(/^[A-Z0-9]{10}$/);
    expect(generateGroupId('a')).not.toBe(generateGroupId('a'));
  });
});
