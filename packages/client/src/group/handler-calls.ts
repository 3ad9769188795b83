// One call of the consumer's handler, with a limit that may be brought forward while it runs.
import type { Logger } from '../events.ts';
import { waitFor } from '../util/timers.ts';
import { Limit } from './limit.ts';

export class HandlerCall {
  readonly kind: 'assigned' | 'revoked' | 'lost';
  readonly limit: Limit = new Limit();

  constructor(kind: HandlerCall['kind']) {
    this.kind = kind;
  }

  /**
   * Until the handler resolves. At the limit it is told that it is enough; then it has the grace to end by itself, and is
   * not waited for any longer.
   *
   * @returns was it done before the limit?
   * @throws what the handler threw before the limit
   */
  async run(work: (enough: AbortSignal) => Promise<void>, graceMs: () => number, logger: Logger): Promise<boolean> {
    const { signal } = this.limit;
    const running = (async () => work(signal))();
    try {
      await waitFor(running, { signal }, late);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.limit.clear();
    }
    if (!signal.aborted) return true;
    await waitFor(running, { timeoutMs: Math.max(0, graceMs()) }, late).catch((error: unknown) => {
      if (!(error instanceof Late)) logger.warn(`the consumer failed when its partitions were ${this.kind}`, { error });
    });
    return false;
  }
}

/** Nobody sees it: it only tells that the time is up. */
class Late extends Error {}

function late(): Error {
  return new Late();
}
