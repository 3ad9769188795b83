// What has arrived on a connection: when, how much, and whether it is more than a trickle.
import { clock } from '../util/clock.ts';

/** Fewer bytes within a `requestTimeoutMs` are no progress. */
const TRICKLE_BYTES = 4096;

export class Arrivals {
  /** When the last byte came; before any: when the connection was made. */
  lastAt: number = clock.now();
  bytes = 0;
  /** When the last byte came that was more than a trickle. */
  progressAt: number = Number.NEGATIVE_INFINITY;
  #progressBytes = 0;

  /** So many bytes have come, and were looked at. */
  add(count: number): void {
    this.bytes += count;
    if (this.bytes - this.#progressBytes < TRICKLE_BYTES) return;
    this.progressAt = this.lastAt;
    this.#progressBytes = this.bytes;
  }
}
