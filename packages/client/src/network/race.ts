// Waiting for user functions and other work that may never settle.
import { onAbort } from '../util/abort.ts';

/** What can be waited for besides: `Connection`. */
interface Closable {
  whenClosed(callback: (reason: Error) => void): void;
}

/**
 * The work's outcome, unless the signal is aborted before: then its reason.
 *
 * @param late gets what the work resolves with after that
 */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, late: (value: T) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = signal.aborted;
    const stop = onAbort(signal, () => {
      isOver = true;
      reject(signal.reason);
    });
    if (isOver) reject(signal.reason);
    work.then((value) => (isOver ? late(value) : resolve(value)), reject).finally(stop);
  });
}

/** The work's outcome, unless the connection closes before: then the reason of that. */
export function unlessClosed<T>(work: Promise<T>, connection: Closable): Promise<T> {
  const closed = new Promise<never>((_, reject) => connection.whenClosed(reject));
  return Promise.race([work, closed]);
}
