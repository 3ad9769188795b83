// Listening to an AbortSignal without leaks, without warnings, and in linear time.

/** The callbacks of a signal, behind the one listener that it gets from us. */
interface Fan {
  readonly callbacks: Set<{ readonly call: () => void }>;
  readonly fire: () => void;
}

const fans = new WeakMap<AbortSignal, Fan>();

/**
 * A signal may be shared by thousands of calls. Node looks for a listener among all others of its signal whenever one
 * is added or taken away, and warns of a leak at the eleventh; so the signal has one listener, which goes with the last
 * callback.
 *
 * @returns takes the callback away
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) return nothing;
  const fan = fans.get(signal) ?? fanOf(signal);
  const entry = { call: callback };
  fan.callbacks.add(entry);
  return () => {
    if (fan.callbacks.delete(entry) && fan.callbacks.size === 0) forget(signal, fan);
  };
}

function fanOf(signal: AbortSignal): Fan {
  const callbacks: Fan['callbacks'] = new Set();
  const fire = (): void => {
    fans.delete(signal);
    for (const { call } of callbacks) call();
    callbacks.clear();
  };
  const fan = { callbacks, fire };
  fans.set(signal, fan);
  signal.addEventListener('abort', fire, { once: true });
  return fan;
}

function forget(signal: AbortSignal, fan: Fan): void {
  signal.removeEventListener('abort', fan.fire);
  if (fans.get(signal) === fan) fans.delete(signal);
}

function nothing(): void {
  // an aborted signal calls nobody any more
}
