// The one connection of a broker for one purpose: opened when first needed, again after it broke, with back-off.
import { ClosedError, ConnectionError, TimeoutError } from '../errors.ts';
import type { ReadyConnection } from '../network/connect.ts';
import type { Waiting } from '../types.ts';
import type { Backoff } from '../util/backoff.ts';
import { monotonicNow, sleep, waitFor } from '../util/timers.ts';

export interface SlotOptions {
  /** `host:port` */
  readonly broker: string;
  readonly backoff: Backoff;
  /** Ends pauses and dials when the broker is closed. */
  readonly signal: AbortSignal;
  open(): Promise<ReadyConnection>;
}

/** Single-flight opening; callers wait with limits of their own. */
export class Slot {
  readonly #options: SlotOptions;
  #ready: ReadyConnection | null = null;
  #opening: Promise<ReadyConnection> | null = null;
  #waiters = 0;
  #failures = 0;
  #notBefore = 0;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /** The open connection, when nobody is waiting for it (those come first). */
  get current(): ReadyConnection | null {
    const ready = this.#ready;
    if (!ready || this.#waiters > 0 || !ready.connection.isOpen) return null;
    return monotonicNow() < ready.retireAt ? ready : null;
  }

  get isOpen(): boolean {
    return this.#ready?.connection.isOpen ?? false;
  }

  /** Milliseconds until another attempt is allowed after failures. */
  get pauseMs(): number {
    return Math.max(0, this.#notBefore - monotonicNow());
  }

  get failures(): number {
    return this.#failures;
  }

  async acquire(waiting: Waiting): Promise<ReadyConnection> {
    this.#waiters++;
    try {
      this.#opening ??= this.#open().finally(() => {
        this.#opening = null;
      });
      const late = (): Error => new TimeoutError(`${this.#options.broker}: connecting`, waiting.timeoutMs ?? 0);
      return await waitFor(this.#opening, waiting, late);
    } finally {
      this.#waiters--;
    }
  }

  close(reason: Error): void {
    this.#ready?.connection.close(reason);
  }

  async #open(): Promise<ReadyConnection> {
    const { signal, backoff } = this.#options;
    await this.#retire();
    if (this.#ready?.connection.isOpen) return this.#ready;
    if (this.pauseMs > 0) await sleep(this.pauseMs, signal);
    try {
      this.#ready = await this.#options.open();
    } catch (error) {
      this.#failures++;
      this.#notBefore = monotonicNow() + backoff.delay(this.#failures);
      throw error;
    }
    return this.#watch(this.#ready);
  }

  /** Before a session ends its connection is drained and replaced, so that the order of requests stays (KIP-368). */
  async #retire(): Promise<void> {
    const old = this.#ready;
    if (!old?.connection.isOpen || monotonicNow() < old.retireAt) return;
    await old.connection.drained();
    old.connection.close(new ConnectionError(this.#options.broker, 'replaced before its session ended'));
  }

  /** A connection that breaks without having answered anything counts as a failed attempt: no spinning. */
  #watch(ready: ReadyConnection): ReadyConnection {
    const { connection } = ready;
    const answersOfHandshake = connection.answers;
    connection.whenClosed((reason) => {
      if (this.#ready === ready) this.#ready = null;
      const useful = connection.answers > answersOfHandshake || reason instanceof ClosedError;
      this.#failures = useful ? 0 : this.#failures + 1;
      this.#notBefore = useful ? 0 : monotonicNow() + this.#options.backoff.delay(this.#failures);
    });
    return ready;
  }
}
