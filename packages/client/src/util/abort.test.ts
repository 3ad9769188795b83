// Many who listen to one signal.
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { onAbort } from './abort.ts';

describe('listening to a signal', () => {
  it('calls everyone once, in the order in which they came', () => {
    const controller = new AbortController();
    const called: number[] = [];
    for (const i of [1, 2, 3]) onAbort(controller.signal, () => called.push(i));
    controller.abort();
    controller.abort();
    expect(called).toEqual([1, 2, 3]);
  });

  it('does not call who has left, also when another callback made it leave', () => {
    const controller = new AbortController();
    const called: string[] = [];
    onAbort(controller.signal, () => leave());
    const leave = onAbort(controller.signal, () => called.push('left'));
    onAbort(controller.signal, () => called.push('stayed'));
    controller.abort();
    expect(called).toEqual(['stayed']);
  });

  it('leaves no listener when the last one has left, and can begin again', () => {
    const { signal } = new AbortController();
    for (let round = 0; round < 2; round++) {
      const stops = [1, 2, 3].map(() => onAbort(signal, () => undefined));
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      for (const stop of stops) stop();
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    }
  });

  it('never calls anyone who comes after the signal was aborted', () => {
    const controller = new AbortController();
    const called: string[] = [];
    onAbort(controller.signal, () => onAbort(controller.signal, () => called.push('late')));
    controller.abort();
    onAbort(controller.signal, () => called.push('later'));
    expect(called).toEqual([]);
  });

  it('takes time in proportion to their number', () => {
    const time = (count: number): number => {
      const controller = new AbortController();
      const startedAt = performance.now();
      const stops: (() => void)[] = [];
      for (let i = 0; i < count; i++) stops.push(onAbort(controller.signal, () => stops[i]?.()));
      controller.abort();
      return performance.now() - startedAt;
    };
    time(1000);
    // With one listener each, 100,000 take half a minute.
    expect(time(100_000)).toBeLessThan(2000);
  });
});
