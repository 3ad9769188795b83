// The signal that a user's dialer is given.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { callDialer } from './dialer.ts';

const address = { host: 'b', port: 1 };

describe('a dialer is given a signal', () => {
  it('of its own for each dial, so that listeners it forgets do not pile up', async () => {
    const { signal } = new AbortController();
    const seen = new Set<AbortSignal>();
    const dial = (): Promise<unknown> =>
      callDialer(
        ({ signal: own }) => {
          seen.add(own);
          return Promise.resolve(new PassThrough());
        },
        address,
        signal,
      );
    for (let i = 0; i < 3; i++) await dial();
    expect(seen.size).toBe(3);
  });

  it('that is aborted with the attempt to connect, and not once the dial has ended', async () => {
    const connecting = new AbortController();
    const signals: AbortSignal[] = [];
    const hanging = callDialer(
      (o) => {
        signals.push(o.signal);
        return new Promise(() => undefined);
      },
      address,
      connecting.signal,
    );
    await callDialer(
      (o) => {
        signals.push(o.signal);
        return Promise.resolve(new PassThrough());
      },
      address,
      connecting.signal,
    );
    connecting.abort(new Error('enough'));
    await expect(hanging).rejects.toMatchObject({ cause: { message: 'enough' } });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  });
});
