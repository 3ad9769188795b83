// The way to one node as it is now: what the weather changes.

/**
 * What becomes of somebody who dials: `open` a connection; `refused` nobody listens; `unreachable` no answer, ever;
 * `silent` a connection behind which nobody is; `hangsUp` a connection that is closed at once; `slow` one after
 * seconds; `stuck` a dialer that does not even hear the signal.
 */
export type DialMode = 'open' | 'refused' | 'unreachable' | 'silent' | 'hangsUp' | 'slow' | 'stuck';

export const dialTroubles: readonly DialMode[] = ['refused', 'unreachable', 'silent', 'hangsUp', 'slow', 'stuck'];

export class Link {
  readonly port: number;
  latencyMs: readonly [low: number, high: number] = [0.2, 2];
  /** How probable it is that a write arrives in pieces. */
  pieces: number = 0.05;
  /** Infinity: no limit. */
  bytesPerMs: number = Number.POSITIVE_INFINITY;
  dial: DialMode = 'open';
  /** The node stands still: the kernel takes bytes and connections for it, and nobody reads them. */
  isFrozen: boolean = false;
  #backlog: (() => void)[] = [];

  constructor(port: number) {
    this.port = port;
  }

  /** The node accepts: now, or when it runs again. */
  accept(accept: () => void): void {
    if (this.isFrozen) this.#backlog.push(accept);
    else accept();
  }

  freeze(isFrozen: boolean): void {
    this.isFrozen = isFrozen;
    if (isFrozen) return;
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const accept of backlog) accept();
  }

  /** The weather has cleared. */
  clear(): void {
    this.latencyMs = [0.2, 2];
    this.pieces = 0.05;
    this.bytesPerMs = Number.POSITIVE_INFINITY;
    this.dial = 'open';
  }
}
