// Retry, back-off, single flight and timers.
import { describe, expect, it } from 'vitest';
import { ClosedError, ConnectionError } from '../errors.ts';
import { Backoff } from './backoff.ts';
import { clock } from './clock.ts';
import { retry } from './retry.ts';
import { SingleFlight } from './single-flight.ts';
import { after, clampDelay, sleep, waitFor } from './timers.ts';

const quick = new Backoff({ initialMs: 1, maxMs: 2 });

describe('back-off', () => {
  it('doubles up to its maximum, with full jitter, and never is zero', () => {
    const highest = new Backoff({ initialMs: 100, maxMs: 1000, random: () => 1 });
    expect([1, 2, 3, 4, 5, 1000].map((n) => highest.delay(n))).toEqual([100, 200, 400, 800, 1000, 1000]);
    const lowest = new Backoff({ initialMs: 100, maxMs: 1000, random: () => 0 });
    expect([1, 5].map((n) => lowest.delay(n))).toEqual([10, 100]);
  });
});

describe('retry', () => {
  it('goes on while errors are retriable, and throws the last one as it is', async () => {
    let attempts = 0;
    const last = new ConnectionError('b:1', 'last');
    const failing = retry({ backoff: quick, timeoutMs: 20 }, {}, () => {
      attempts++;
      return Promise.reject(last);
    });
    await expect(failing).rejects.toBe(last);
    expect(attempts).toBeGreaterThan(2);
  });

  it('ends at once for an error that is not retriable', async () => {
    let attempts = 0;
    const failing = retry({ backoff: quick, timeoutMs: 1000 }, {}, () => {
      attempts++;
      return Promise.reject(new ClosedError('it'));
    });
    await expect(failing).rejects.toMatchObject({ code: 'CLOSED' });
    expect(attempts).toBe(1);
  });

  it('what an attempt does goes no further once it is given up', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const failing = retry({ backoff: quick, timeoutMs: 120, attemptMs: 10 }, {}, ({ signal }) => {
      signals.push(signal);
      return new Promise(() => undefined);
    });
    await expect(failing).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(signals.length).toBeGreaterThan(1);
    expect(signals.map((signal) => signal?.aborted)).not.toContain(false);
  });

  it('rejects with the reason of the signal, also during a pause', async () => {
    const controller = new AbortController();
    const slow = new Backoff({ initialMs: 10_000, maxMs: 10_000 });
    const onFailure = (): void => controller.abort(new RangeError('stop'));
    const failing = retry({ backoff: slow, timeoutMs: 60_000, onFailure }, { signal: controller.signal }, () =>
      Promise.reject(new ConnectionError('b:1', 'x')),
    );
    await expect(failing).rejects.toThrow('stop');
  });
});

describe('single flight', () => {
  it('shares one run per key, and runs again afterwards', async () => {
    const flights = new SingleFlight<string, number>();
    let runs = 0;
    const work = (): Promise<number> => Promise.resolve(++runs);
    expect(await Promise.all([flights.run('a', work), flights.run('a', work), flights.run('b', work)])).toEqual([
      1, 1, 2,
    ]);
    expect(await flights.run('a', work)).toBe(3);
  });
});

describe('timers', () => {
  it('never call back before their time', async () => {
    const early: number[] = [];
    const timers = Array.from({ length: 400 }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i % 20));
      const ms = 1 + (i % 7) * 1.3;
      const dueAt = clock.now() + ms;
      await new Promise<void>((resolve) => after(ms, resolve));
      if (clock.now() < dueAt) early.push(dueAt - clock.now());
    });
    await Promise.all(timers);
    expect(early).toEqual([]);
  });

  it('CLI-004 get no delay that makes node warn or fire at once', () => {
    expect([-5, Number.NaN, 7, 2 ** 40].map(clampDelay)).toEqual([0, 0, 7, 2 ** 31 - 1]);
  });

  it('end with the reason of the first signal that is aborted', async () => {
    const second = new AbortController();
    const asleep = sleep(60_000, undefined, second.signal);
    second.abort(new RangeError('woken'));
    await expect(asleep).rejects.toThrow('woken');
  });

  it('CLI-004 do not warn when many wait with one signal', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    const controller = new AbortController();
    const many = Array.from({ length: 20 }, () =>
      waitFor(new Promise(() => undefined), controller, () => new RangeError()),
    );
    controller.abort(new RangeError('all'));
    await Promise.allSettled(many);
    await sleep(0);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });
});
