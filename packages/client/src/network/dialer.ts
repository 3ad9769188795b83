// The user's own dialer: it may throw, hang, answer too late, and resolve with anything.
import type { Duplex } from 'node:stream';
import type { HostPort, OpenSocket } from '../options.ts';
import { onAbort } from '../util/abort.ts';
import { kindOf } from '../util/kind-of.ts';
import { DialFailure } from './dial-failure.ts';
import { unlessAborted } from './race.ts';

/** @throws {DialFailure} with what it threw, or with `signal.reason`; what comes later is destroyed */
export async function callDialer(custom: OpenSocket, address: HostPort, signal: AbortSignal): Promise<Duplex> {
  // A signal of its own for each dial: whatever listens to it goes with it, and it does not outlive the dial.
  const own = new AbortController();
  const unlink = onAbort(signal, () => own.abort(signal.reason));
  if (signal.aborted) own.abort(signal.reason);
  const dialing = Promise.resolve().then((): Promise<unknown> => custom({ ...address, signal: own.signal }));
  const stream = await unlessAborted(dialing, signal, discard)
    .catch((error: unknown) => {
      throw new DialFailure('dialer', error);
    })
    .finally(unlink);
  if (!isStream(stream)) throw new DialFailure('stream', new TypeError(`not a stream but ${kindOf(stream)}`));
  if (stream.destroyed || !stream.writable) throw new DialFailure('dialer', closedAlready());
  return stream;
}

function discard(late: unknown): void {
  if (isStream(late)) late.on('error', () => undefined).destroy();
}

/** By what is used of it: a copy of node's streams will do. */
function isStream(value: unknown): value is Duplex {
  if (typeof value !== 'object' || value === null) return false;
  return ['on', 'write', 'cork', 'uncork', 'destroy'].every((name) => typeof Reflect.get(value, name) === 'function');
}

function closedAlready(): NodeJS.ErrnoException {
  return Object.assign(new Error('it was closed already'), { code: 'ECONNRESET' });
}
