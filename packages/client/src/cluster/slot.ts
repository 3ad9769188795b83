/*
 * The one connection of an owner to a broker: opened when first needed, again after it broke, with back-off.
 *
 *  empty --acquire--> opening (drains the old one, waits for its turn, dials) --ready--> open
 *    ^                   | failed                                                         | broke, unused, session ends
 *    '-------------------'----------------------------------------------------------------'
 *  any --close--> closed: what is under way is aborted, who waits is told, and nothing opens again
 */
import { ConnectionError, TimeoutError } from '../errors.ts';
import type { ReadyConnection } from '../network/connect.ts';
import { isError } from '../thrown.ts';
import type { Waiting } from '../types.ts';
import type { Backoff } from '../util/backoff.ts';
import { clock } from '../util/clock.ts';
import { sleep, waitFor } from '../util/timers.ts';

export interface SlotOptions {
  /** `host:port` */
  readonly broker: string;
  readonly backoff: Backoff;
  /** @param signal aborted when the slot is closed */
  open(signal: AbortSignal): Promise<ReadyConnection>;
  /** The open connection broke, or the broker closed it. */
  onLost?(): void;
}

/** Single-flight opening; callers wait with limits of their own. */
export class Slot {
  readonly #options: SlotOptions;
  readonly #closing = new AbortController();
  #ready: ReadyConnection | null = null;
  #opening: Promise<ReadyConnection> | null = null;
  #dialingSince: number | null = null;
  #waiters = 0;
  #failures = 0;
  #lastFailure: Error | undefined;
  #notBefore = 0;
  /** Aborted to wake an attempt that waits for its turn. */
  #wake: AbortController | null = null;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /** The open connection, when nobody is waiting for it (those come first). */
  get current(): ReadyConnection | null {
    if (this.#waiters > 0) return null;
    return this.#usable;
  }

  get isOpen(): boolean {
    return this.#ready?.connection.isOpen ?? false;
  }

  /** Would a request have to stand behind another one, or wait for the connection? */
  get isBusy(): boolean {
    return this.#waiters > 0 || this.inFlight > 0;
  }

  get inFlight(): number {
    return this.#ready?.connection.inFlight ?? 0;
  }

  /** What is left of a pause that the broker demands on this connection; 0: there is none. */
  get demandedPauseMs(): number {
    return this.#ready?.connection.pauseLeftMs ?? 0;
  }

  /** Milliseconds until another attempt is allowed after failures. */
  get pauseMs(): number {
    return Math.max(0, this.#notBefore - clock.now());
  }

  /** Attempts that failed since the last connection that was of use. */
  get failures(): number {
    return this.#failures;
  }

  /** For how long the broker has not said a thing although it should: see `Connection`. Dialing counts. */
  get silentMs(): number {
    if (this.#dialingSince !== null) return clock.now() - this.#dialingSince;
    return this.#ready?.connection.silentMs ?? 0;
  }

  /** When the broker was heard last here; -Infinity: there is no connection. */
  get heardAt(): number {
    return this.#ready?.connection.heardAt ?? -Infinity;
  }

  /** Is something awaited from the broker here, or is it dialed? */
  get isAwaiting(): boolean {
    return this.#dialingSince !== null || this.inFlight > 0;
  }

  async acquire(waiting: Waiting): Promise<ReadyConnection> {
    this.#closing.signal.throwIfAborted();
    this.#waiters++;
    try {
      this.#opening ??= this.#open().finally(() => {
        this.#opening = null;
      });
      return await waitFor(this.#opening, waiting, () => this.#late(waiting));
    } finally {
      // Whoever waited sends in the ticks that follow, before those who come now.
      process.nextTick(leave, this);
    }
  }

  /** One who waited has gone on. */
  leave(): void {
    this.#waiters--;
  }

  /** The broker was seen alive: the next attempt need not wait, neither one that waits already. */
  hurry(): void {
    this.#notBefore = 0;
    this.#wake?.abort();
  }

  /** For good. @param reason what everyone waiting gets */
  close(reason: Error): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(reason);
    this.#ready?.connection.close(reason);
  }

  get #usable(): ReadyConnection | null {
    const ready = this.#ready;
    return ready?.connection.isOpen && clock.now() < ready.retireAt ? ready : null;
  }

  async #open(): Promise<ReadyConnection> {
    if (this.#usable) return this.#usable;
    await this.#retire();
    await this.#turn();
    this.#closing.signal.throwIfAborted();
    try {
      this.#dialingSince = clock.now();
      const ready = await this.#options.open(this.#closing.signal);
      return this.#adopt(ready);
    } catch (error) {
      this.#failed(error);
      throw error;
    } finally {
      this.#dialingSince = null;
    }
  }

  /** Before a session ends its connection is drained and replaced, so that the order of requests stays (KIP-368). */
  async #retire(): Promise<void> {
    const old = this.#ready;
    if (!old?.connection.isOpen) return;
    const { signal } = this.#closing;
    const reason = new ConnectionError(this.#options.broker, 'replaced before its session ended', { sent: true });
    const left = { signal, timeoutMs: old.endsAt - clock.now() };
    // What is not answered by the end of the session never will be.
    await waitFor(old.connection.drained(), left, () => reason).catch(() => signal.throwIfAborted());
    old.connection.close(reason);
  }

  async #turn(): Promise<void> {
    if (this.pauseMs === 0) return;
    this.#wake = new AbortController();
    const { signal } = this.#closing;
    await sleep(this.pauseMs, signal, this.#wake.signal).catch(() => signal.throwIfAborted());
    this.#wake = null;
  }

  #adopt(ready: ReadyConnection): ReadyConnection {
    const { signal } = this.#closing;
    if (signal.aborted) {
      ready.connection.close(signal.reason);
      throw signal.reason;
    }
    this.#ready = ready;
    this.#watch(ready);
    return ready;
  }

  /** A connection that breaks without having answered anything counts as a failed attempt: no spinning. */
  #watch(ready: ReadyConnection): void {
    const { connection } = ready;
    const answersOfHandshake = connection.answers;
    connection.whenClosed((reason, wasLost) => {
      if (this.#ready === ready) this.#ready = null;
      if (wasLost) this.#options.onLost?.();
      if (wasLost && connection.answers === answersOfHandshake) return this.#failed(reason);
      this.#failures = 0;
      this.#notBefore = 0;
    });
  }

  #failed(error: unknown): void {
    this.#failures++;
    this.#lastFailure = isError(error) ? error : undefined;
    this.#notBefore = clock.now() + this.#options.backoff.delay(this.#failures);
  }

  #late({ timeoutMs = 0 }: Waiting): TimeoutError {
    const cause = this.#failures > 0 ? this.#lastFailure : undefined;
    const remedy = cause && `the last attempt failed: ${cause.message}`;
    return new TimeoutError(`${this.#options.broker}: connecting`, timeoutMs, { cause, ...(remedy && { remedy }) });
  }
}

function leave(slot: Slot): void {
  slot.leave();
}
