// The rules of virtual time.
import { describe, expect, it } from 'vitest';
import type { Phase, Realm } from './event-queue.ts';
import { Scheduler } from './scheduler.ts';

/** What ran, in its order, as `name@time`. */
function recorded(): {
  scheduler: Scheduler;
  ran: string[];
  at: (ms: number, name: string, phase?: Phase, realm?: Realm) => void;
} {
  const scheduler = new Scheduler({ mostEvents: 100_000 });
  const ran: string[] = [];
  const at = (ms: number, name: string, phase: Phase = 'timer', realm: Realm = 'client'): void => {
    scheduler.after(ms, phase, realm, () => ran.push(`${name}@${scheduler.now}`));
  };
  return { scheduler, ran, at };
}

describe('virtual time', () => {
  it('runs events by their time, and in the order they were asked for at the same time', async () => {
    const { scheduler, ran, at } = recorded();
    for (const [ms, name] of [
      [5, 'c'],
      [1, 'a'],
      [5, 'd'],
      [2, 'b'],
    ] as const)
      at(ms, name);
    expect(await scheduler.run()).toBe('idle');
    expect(ran).toEqual(['a@1', 'b@2', 'c@5', 'd@5']);
  });

  it('runs what is due at the same time as a turn of Node does: timers, then what arrived, then the rest', async () => {
    const { scheduler, ran, at } = recorded();
    at(1, 'check', 'check');
    at(1, 'io', 'io');
    at(1, 'timer');
    await scheduler.run();
    expect(ran).toEqual(['timer@1', 'io@1', 'check@1']);
  });

  it('runs all microtasks and ticks between two events', async () => {
    const { scheduler, ran, at } = recorded();
    scheduler.after(0, 'timer', 'client', () => {
      process.nextTick(() => ran.push('tick'));
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => ran.push('microtask'));
    });
    at(0, 'next');
    await scheduler.run();
    expect(ran).toEqual(['tick', 'microtask', 'next@0']);
  });

  it('lets a process that is stopped catch up: its timers first, then what has arrived', async () => {
    const { scheduler, ran, at } = recorded();
    at(2, 'arrived', 'io');
    at(5, 'timer');
    at(3, 'other', 'io', 'cluster');
    scheduler.stop('client', 10);
    await scheduler.run();
    expect(ran).toEqual(['other@3', 'timer@10', 'arrived@10']);
    expect(scheduler.stoppedMs.client).toBe(10);
  });

  it('does not run what was cancelled', async () => {
    const { scheduler, ran, at } = recorded();
    const event = scheduler.after(1, 'timer', 'client', () => ran.push('never'));
    event.isCancelled = true;
    at(2, 'b');
    await scheduler.run();
    expect(ran).toEqual(['b@2']);
  });

  it('notices that time stands still', async () => {
    const { scheduler } = recorded();
    const again = (): void => void scheduler.after(0, 'io', 'client', again);
    again();
    expect(await scheduler.run()).toBe('time stands still');
  });
});
