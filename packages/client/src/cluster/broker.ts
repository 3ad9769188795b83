// A node: its connections by purpose, and the versions it takes itself (not those of the cluster).
import type { AnyApi, Api } from '@hopwire/protocol';
import { ClosedError, ConnectionError, isKafkaError } from '../errors.ts';
import {
  type BrokerMemory,
  connect,
  type Dialer,
  explainHangUp,
  NEWEST_API_VERSIONS,
  type ReadyConnection,
} from '../network/connect.ts';
import { addressText } from '../network/failures.ts';
import { exactVersion, versionFor } from '../network/versions.ts';
import type { HostPort } from '../options.ts';
import type { Waiting } from '../types.ts';
import { Backoff } from '../util/backoff.ts';
import { Deadline } from '../util/timers.ts';
import { Slot } from './slot.ts';

/** Long polls, large writes and group work do not wait for each other: brokers answer a connection in order. */
export type Purpose = 'data' | 'fetch' | 'coordinator';

export interface SendOptions extends Waiting {
  /** Default `data`. */
  purpose?: Purpose | undefined;
  /** Exactly this version; fails with UnsupportedVersionError, before anything is sent, unless both sides speak it. */
  version?: number | undefined;
  /** The best version up to this one. */
  maxVersion?: number | undefined;
  /** false: nothing comes back (Produce with acks 0); resolves with undefined once handed to the socket. */
  expectResponse?: boolean | undefined;
}

/** What the cluster and all its brokers share. */
export interface ClusterContext extends Dialer {
  /** Has anything of the cluster ever answered with these options? */
  readonly trust: { earned: boolean };
}

/** One broker. `nodeId` is below zero while only its bootstrap address is known. */
export class Broker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly #context: ClusterContext;
  readonly #memory: BrokerMemory = { apiVersionsVersion: NEWEST_API_VERSIONS, trusted: false };
  readonly #slots = new Map<Purpose, Slot>();
  readonly #closing = new AbortController();

  constructor(nodeId: number, address: HostPort, context: ClusterContext) {
    this.nodeId = nodeId;
    this.host = address.host;
    this.port = address.port;
    this.#context = context;
  }

  /** `host:port` */
  get address(): string {
    return addressText(this.host, this.port);
  }

  /** Is there a connection to use at once? */
  get isConnected(): boolean {
    return [...this.#slots.values()].some((slot) => slot.isOpen);
  }

  /** Milliseconds until the next attempt to connect is allowed; 0: now. */
  get pauseMs(): number {
    return this.#slots.get('data')?.pauseMs ?? 0;
  }

  /**
   * One attempt. Connects when it must. Without a time of its own a request has `requestTimeoutMs` from when it was
   * sent; `timeoutMs` covers connecting too.
   */
  send<Q, R>(api: Api<Q, R>, body: Q, options: SendOptions = {}): Promise<R> {
    const ready = this.#slot(options.purpose).current;
    // Until the cluster has answered once, failures are looked into: the way round.
    if (ready && this.#context.trust.earned) return this.#request(ready, api, body, options, options.timeoutMs);
    return this.#connectAndSend(api, body, options);
  }

  /** Which version `send` would choose. Connects when it must. */
  async versionOf(api: AnyApi, options: SendOptions = {}): Promise<number> {
    const slot = this.#slot(options.purpose);
    const ready = slot.current ?? (await this.#acquire(slot, options));
    return choose(api, ready, options);
  }

  /** @param reason what everything that is still under way fails with */
  close(reason: Error = new ClosedError(`the broker ${this.address}`)): Promise<void> {
    this.#closing.abort(reason);
    for (const slot of this.#slots.values()) slot.close(reason);
    return Promise.resolve();
  }

  async #connectAndSend<Q, R>(api: Api<Q, R>, body: Q, options: SendOptions): Promise<R> {
    const deadline = options.timeoutMs === undefined ? null : new Deadline(options.timeoutMs);
    const slot = this.#slot(options.purpose);
    const ready = slot.current ?? (await this.#acquire(slot, options));
    try {
      return await this.#request(ready, api, body, options, deadline?.remainingMs);
    } catch (error) {
      throw (await this.#explain(error)) ?? error;
    }
  }

  async #acquire(slot: Slot, options: SendOptions): Promise<ReadyConnection> {
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
    return slot.acquire(options);
  }

  #request<Q, R>(
    ready: ReadyConnection,
    api: Api<Q, R>,
    body: Q,
    options: SendOptions,
    timeoutMs: number | undefined,
  ): Promise<R> {
    let version: number;
    try {
      version = choose(api, ready, options);
    } catch (error) {
      return Promise.reject(error);
    }
    const { signal, expectResponse } = options;
    const { requestTimeoutMs } = this.#context.options;
    return ready.connection.send(api, version, body, {
      timeoutMs: timeoutMs ?? requestTimeoutMs,
      signal,
      expectResponse,
    });
  }

  /** A listener that demands SASL hangs up on the first request without it: that deserves its own words. */
  async #explain(error: unknown): Promise<Error | null> {
    const { options, trust } = this.#context;
    const hungUp = isKafkaError(error) && error.code === 'CONNECTION' && 'sent' in error && error.sent === true;
    if (!hungUp || options.sasl || trust.earned) return null;
    const { signal } = this.#closing;
    // Why it hung up is a guess worth one connection; when that fails too, the first error tells more.
    return explainHangUp(this.#context, this, this.#memory, signal).catch(() => null);
  }

  #slot(purpose: Purpose = 'data'): Slot {
    const known = this.#slots.get(purpose);
    if (known) return known;
    const { options } = this.#context;
    const backoff = new Backoff({ initialMs: options.retryBackoffMs, maxMs: options.retryBackoffMaxMs });
    const { signal } = this.#closing;
    const slot = new Slot({ broker: this.address, backoff, signal, open: () => this.#open() });
    this.#slots.set(purpose, slot);
    return slot;
  }

  async #open(): Promise<ReadyConnection> {
    this.#memory.trusted ||= this.#context.trust.earned;
    const ready = await connect(this.#context, this, this.#memory, this.#closing.signal);
    if (!this.#closing.signal.aborted) return ready;
    ready.connection.close(asReason(this.#closing.signal, this.address));
    throw this.#closing.signal.reason;
  }
}

function choose(api: AnyApi, { versions }: ReadyConnection, { version, maxVersion }: SendOptions): number {
  return version === undefined ? versionFor(api, versions, maxVersion) : exactVersion(api, versions, version);
}

function asReason(signal: AbortSignal, address: string): Error {
  return signal.reason instanceof Error ? signal.reason : new ConnectionError(address, 'closed');
}
