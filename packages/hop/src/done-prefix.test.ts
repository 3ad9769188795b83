import { describe, expect, it } from 'vitest';
import { DonePrefix } from './done-prefix.ts';

describe('DonePrefix', () => {
  it('covers only the contiguous run of finished messages', () => {
    const prefix = new DonePrefix();
    for (const offset of [5n, 6n, 9n]) prefix.delivered(offset);
    prefix.done(6n);
    expect(prefix.pending).toBeUndefined();
    prefix.done(5n);
    expect(prefix.pending).toBe(7n);
    prefix.done(9n);
    expect(prefix.pending).toBe(10n);
  });

  it('has nothing pending after a commit, nor for messages never handed out', () => {
    const prefix = new DonePrefix();
    prefix.delivered(0n);
    prefix.done(0n);
    prefix.committed(1n);
    prefix.done(7n);
    expect(prefix.pending).toBeUndefined();
  });
});
