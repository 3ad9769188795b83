// Java's RangeAssignor, case by case (its RangeAssignorTest has the same numbers).
import { describe, expect, it } from 'vitest';
import type { GroupMember } from './assignor.ts';
import { rangeAssignor } from './range.ts';

function member(memberId: string, topics: string[], groupInstanceId: string | null = null): GroupMember {
  return {
    memberId,
    groupInstanceId,
    subscription: { version: 1, topics, userData: null, ownedPartitions: [], generationId: -1, rackId: null },
  };
}

function assign(members: GroupMember[], counts: Record<string, number>): Record<string, string[]> {
  const assignment = rangeAssignor.assign(members, new Map(Object.entries(counts)));
  return Object.fromEntries([...assignment].map(([id, list]) => [id, list.map((p) => `${p.topic}-${p.partition}`)]));
}

describe('range assignor', () => {
  it('gives everything to a single member', () => {
    expect(assign([member('a', ['t'])], { t: 3 })).toEqual({ a: ['t-0', 't-1', 't-2'] });
  });

  it('gives the first members one partition more when they do not divide', () => {
    expect(assign([member('b', ['t']), member('a', ['t']), member('c', ['t'])], { t: 7 })).toEqual({
      a: ['t-0', 't-1', 't-2'],
      b: ['t-3', 't-4'],
      c: ['t-5', 't-6'],
    });
  });

  it('cuts each topic by itself, so that the first member gets the extra one of each', () => {
    expect(assign([member('a', ['x', 'y']), member('b', ['x', 'y'])], { x: 3, y: 3 })).toEqual({
      a: ['x-0', 'x-1', 'y-0', 'y-1'],
      b: ['x-2', 'y-2'],
    });
  });

  it('leaves members empty when there are more members than partitions', () => {
    expect(assign([member('a', ['t']), member('b', ['t'])], { t: 1 })).toEqual({ a: ['t-0'], b: [] });
  });

  it('considers only members that subscribe to the topic', () => {
    expect(assign([member('a', ['x']), member('b', ['x', 'y']), member('c', ['y'])], { x: 3, y: 3 })).toEqual({
      a: ['x-0', 'x-1'],
      b: ['x-2', 'y-0', 'y-1'],
      c: ['y-2'],
    });
  });

  it('orders static members by instance id and before the others', () => {
    const members = [member('a', ['t']), member('z', ['t'], 'two'), member('y', ['t'], 'one')];
    expect(assign(members, { t: 3 })).toEqual({ y: ['t-0'], z: ['t-1'], a: ['t-2'] });
  });

  it('ignores subscribed topics that have no partitions yet', () => {
    expect(assign([member('a', ['missing', 't'])], { t: 1 })).toEqual({ a: ['t-0'] });
  });
});
