// What is done, what comes again: the account of one incarnation of a partition.
import { describe, expect, it } from 'vitest';
import { type InHand, Progress } from './progress.ts';

const held = (offset: bigint, nextOffset = offset + 1n): InHand => ({ offset, nextOffset });

describe('the account of what is done', () => {
  it('counts nothing that is in hand, and everything before it', () => {
    const progress = new Progress(0n);
    const [first, second] = [held(0n), held(1n)];
    progress.hand(first);
    expect(progress.doneOffset).toBe(0n);
    progress.advance(first, second);
    expect([progress.doneOffset, progress.position]).toEqual([1n, 2n]);
    progress.finish(second);
    expect([progress.doneOffset, progress.isIdle]).toEqual([2n, true]);
  });

  it('lets what was let go come again, unless it was marked as done', () => {
    const undone = new Progress(0n);
    undone.hand(held(3n));
    expect(undone.letGo()).toBe(true);
    expect(undone.position).toBe(3n);
    const done = new Progress(0n);
    done.hand(held(3n));
    done.markDone(held(3n));
    expect(done.letGo()).toBe(false);
    expect(done.doneOffset).toBe(4n);
  });

  it('counts marks within a batch in any order, only the contiguous ones', () => {
    const progress = new Progress(0n);
    progress.hand(held(0n, 4n));
    progress.markDone(held(2n));
    expect(progress.doneOffset).toBe(0n);
    progress.markDone(held(0n));
    expect(progress.doneOffset).toBe(1n);
    progress.markDone(held(1n));
    expect(progress.doneOffset).toBe(3n);
    expect(progress.letGo()).toBe(true);
    expect(progress.position).toBe(3n);
  });

  it('takes offsets that a batch does not have for done: they were compacted away', () => {
    const records = [2n, 5n, 9n];
    const recordAt = (from: bigint): bigint => records.find((offset) => offset >= from) ?? 12n;
    const progress = new Progress(0n);
    progress.hand({ offset: 0n, nextOffset: 12n, recordAt });
    progress.markDone(held(5n));
    progress.markDone(held(2n));
    expect(progress.doneOffset).toBe(9n);
    progress.markDone(held(9n));
    expect(progress.doneOffset).toBe(12n);
  });

  it('carries several in hand, which may be done in any order', () => {
    const progress = new Progress(0n);
    const hands = [0n, 1n, 2n, 3n].map((offset) => held(offset));
    for (const hand of hands) progress.hand(hand);
    const [a, b, c, d] = hands;
    if (!a || !b || !c || !d) throw new RangeError('four hands');
    progress.finish(c);
    progress.finish(b);
    expect([progress.doneOffset, progress.position]).toEqual([0n, 4n]);
    progress.finish(a);
    expect(progress.doneOffset).toBe(3n);
    progress.finish(d);
    expect([progress.doneOffset, progress.isIdle]).toEqual([4n, true]);
  });

  it('takes no mark for what is not in hand', () => {
    const progress = new Progress(5n);
    expect(progress.markDone(held(7n))).toBe(false);
    progress.hand(held(5n));
    expect(progress.markDone(held(6n))).toBe(false);
    expect(progress.doneOffset).toBe(5n);
  });

  it('agrees with a plain model over random orders of finishing', () => {
    for (let seed = 1; seed <= 200; seed++) expect(randomRun(seed)).toEqual([]);
  });
});

/** Hands out up to three at a time and finishes them in a random order; returns where the model disagrees. */
function randomRun(seed: number): string[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  const progress = new Progress(0n);
  const open: InHand[] = [];
  let next = 0n;
  const wrong: string[] = [];
  for (let step = 0; step < 60; step++) {
    if (open.length < 3 && (open.length === 0 || random(2) === 0)) {
      const hand = held(next, next + BigInt(1 + random(3)));
      next = hand.nextOffset;
      open.push(hand);
      progress.hand(hand);
    } else {
      const [done] = open.splice(random(open.length), 1);
      if (done) progress.finish(done);
    }
    let expected = next;
    for (const { offset } of open) if (offset < expected) expected = offset;
    if (progress.doneOffset !== expected) wrong.push(`step ${step}: ${progress.doneOffset}, not ${expected}`);
  }
  return wrong;
}
