// A question that any broker can answer. One that is silent is not waited for: the next is asked beside it.
import { asError, ClosedError, isRetriable } from '../errors.ts';
import { onAbort } from '../util/abort.ts';
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';
import type { Broker } from './broker.ts';

/** How long a broker is waited for alone. */
const ALONE_MS = 500;

/**
 * The first good answer. The questions to the others are cancelled then.
 *
 * @param ask one attempt at one broker
 * @param signals end it with their reason
 * @throws a refusal (password, TLS) if there was one, because waiting does not help; else the last failure
 */
export function askAny<R>(
  brokers: readonly Broker[],
  ask: (broker: Broker, signal: AbortSignal) => Promise<R>,
  signals: readonly AbortSignal[],
): Promise<R> {
  return new Promise((resolve, reject) => {
    const aborted = signals.find((signal) => signal.aborted);
    if (aborted) return reject(aborted.reason);
    const over = new AbortController();
    const failures: unknown[] = [];
    let asked = 0;
    let timer: Timer | null = null;
    const end = (settle: () => void): void => {
      clock.clearTimer(timer);
      for (const stop of stops) stop();
      asked = Infinity;
      settle();
      over.abort(new ClosedError('the question'));
    };
    const stops = signals.map((signal) => onAbort(signal, () => end(() => reject(signal.reason))));
    const failed = (error: unknown): void => {
      failures.push(error);
      if (over.signal.aborted) return;
      if (error instanceof ClosedError || failures.length === brokers.length) end(() => reject(worst(failures)));
      else next();
    };
    const next = (): void => {
      clock.clearTimer(timer);
      const broker = brokers[asked++];
      if (broker === undefined) return;
      if (asked < brokers.length) timer = after(ALONE_MS, next);
      ask(broker, over.signal).then((answer) => over.signal.aborted || end(() => resolve(answer)), failed);
    };
    next();
  });
}

function worst(failures: readonly unknown[]): Error {
  return asError(failures.find((error) => error instanceof ClosedError || !isRetriable(error)) ?? failures.at(-1));
}
