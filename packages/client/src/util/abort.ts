// Listening to an AbortSignal without leaks and without warnings.
import { setMaxListeners } from 'node:events';

/**
 * A signal that many calls share would make node warn of a leak at the eleventh listener, so its limit is lifted; each
 * listener is taken away by the function returned.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  setMaxListeners(0, signal);
  signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
}
