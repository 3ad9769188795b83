// A node: one connection for each owner, and the versions it takes itself (not those of the cluster).
import type { AnyApi, Api } from '@hopwire/protocol';
import { AuthenticationError, asError, ClosedError, ConnectionError, isKafkaError, isRetriable } from '../errors.ts';
import { addressText } from '../network/address.ts';
import {
  type BrokerMemory,
  connect,
  type Dialer,
  explainHangUp,
  NEWEST_API_VERSIONS,
  type ReadyConnection,
} from '../network/connect.ts';
import { PauseNews } from '../network/pause-news.ts';
import { exactVersion, versionFor } from '../network/versions.ts';
import type { HostPort } from '../options.ts';
import { isError } from '../thrown.ts';
import type { Waiting } from '../types.ts';
import { Backoff } from '../util/backoff.ts';
import type { Complaint } from '../util/complaint.ts';
import { Deadline } from '../util/timers.ts';
import type { Complaints } from './complaints.ts';
import type { Owner } from './owner.ts';
import { Slot } from './slot.ts';

export interface SendOptions extends Waiting {
  /** Whose connection. Default: the cluster's own, which metadata uses. */
  owner?: Owner | undefined;
  /** Exactly this version; fails with UnsupportedVersionError, before anything is sent, unless both sides speak it. */
  version?: number | undefined;
  /** The best version up to this one. */
  maxVersion?: number | undefined;
  /** false: nothing comes back (Produce with acks 0); resolves with undefined once handed to the socket. */
  expectResponse?: boolean | undefined;
  /** From when the request's bytes have left. Default `requestTimeoutMs`. */
  answerTimeoutMs?: number | undefined;
  /** A long answer may take longer than that, as long as it keeps arriving and this says so. */
  mayArriveSlowly?: (() => boolean) | undefined;
  /** Called when the request's bytes are handed to the socket: from then on the broker may have it. */
  onLeft?: (() => void) | undefined;
}

/** What is known of the options, for all brokers of the cluster. */
export interface Trust {
  /** Has anything of the cluster ever answered with these options? */
  earned: boolean;
  /** Has this login ever worked? */
  hasLoggedIn: boolean;
  /** How often in a row the login was refused since. */
  refusals: number;
  /** Why the last attempt to connect to one of them failed; null: it worked, or there was none. */
  failure: Error | null;
}

/** A login that has worked and is refused so often in a row is refused for good. */
const MOST_REFUSALS = 5;

/** What the cluster and all its brokers share. */
export interface ClusterContext extends Dialer {
  readonly trust: Trust;
  /** The owner of what names none. */
  readonly control: Owner;
  readonly complaints: Complaints;
}

/** One broker. `nodeId` is below zero while only its bootstrap address is known. */
export class Broker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly #context: ClusterContext;
  readonly #memory: BrokerMemory;
  readonly #slots = new Map<Owner, Slot>();
  readonly #closing = new AbortController();
  readonly #complaint: Complaint;

  constructor(nodeId: number, address: HostPort, context: ClusterContext) {
    this.nodeId = nodeId;
    this.host = address.host;
    this.port = address.port;
    this.#context = context;
    const pauses = new PauseNews(context.options.logger);
    this.#memory = { apiVersionsVersion: NEWEST_API_VERSIONS, trusted: false, isAdvertised: nodeId >= 0, pauses };
    this.#complaint = context.complaints.of(this.address);
  }

  /** `host:port` */
  get address(): string {
    return addressText(this.host, this.port);
  }

  /** Is there a connection of the cluster's own to use at once? */
  get isConnected(): boolean {
    return this.#slots.get(this.#context.control)?.isOpen ?? false;
  }

  /** When it was heard last, of the clock; -Infinity: there is no connection. */
  get heardAt(): number {
    let last = -Infinity;
    for (const slot of this.#slots.values()) last = Math.max(last, slot.heardAt);
    return last;
  }

  /** Is anything awaited from it, or is it dialed? */
  get isAwaiting(): boolean {
    for (const slot of this.#slots.values()) if (slot.isAwaiting) return true;
    return false;
  }

  /** Milliseconds until the next attempt to connect is allowed; 0: now. */
  get pauseMs(): number {
    return this.#slots.get(this.#context.control)?.pauseMs ?? 0;
  }

  /** For how long no byte has come on a connection on which something is awaited; 0: nothing is. */
  get silentMs(): number {
    let longest = 0;
    for (const slot of this.#slots.values()) longest = Math.max(longest, slot.silentMs);
    return longest;
  }

  /** The same, of this owner's connection. */
  silentMsOf(owner: Owner): number {
    return this.#slots.get(owner)?.silentMs ?? 0;
  }

  /** Requests of this owner that are under way here. */
  inFlightOf(owner: Owner): number {
    return this.#slots.get(owner)?.inFlight ?? 0;
  }

  /** Has this owner a request under way here, which another one would have to wait for? */
  isBusy(owner: Owner): boolean {
    return this.#slots.get(owner)?.isBusy ?? false;
  }

  /** Would a request of this owner leave at once? */
  isReady(owner: Owner): boolean {
    return this.#slots.get(owner)?.current?.connection.pauseLeftMs === 0;
  }

  /** The longest of the pauses that it demands of any owner; 0: none. */
  get demandedPauseMs(): number {
    let longest = 0;
    for (const slot of this.#slots.values()) longest = Math.max(longest, slot.demandedPauseMs);
    return longest;
  }

  /** How long this owner's requests would be held back, as the broker demands. */
  pauseLeftMs(owner: Owner): number {
    return this.#slots.get(owner)?.current?.connection.pauseLeftMs ?? 0;
  }

  /** Connects if it must, in one attempt, and resolves when a request of this owner would leave at once. */
  async prepare(owner: Owner, waiting: Waiting): Promise<void> {
    const slot = this.#slot(owner);
    const { connection } = slot.current ?? (await this.#acquire(slot, waiting));
    await connection.unpaused();
  }

  /** It was seen alive (it leads something anew): who waits to connect again need not wait any longer. */
  hurry(): void {
    for (const slot of this.#slots.values()) slot.hurry();
  }

  /**
   * One attempt. Connects when it must. `timeoutMs` counts from the call and covers connecting and pauses that the
   * broker demanded; `answerTimeoutMs` counts from when the request has left.
   */
  send<Q, R>(api: Api<Q, R>, body: Q, options: SendOptions = {}): Promise<R> {
    const ready = this.#slot(options.owner).current;
    // Until the cluster has answered once, failures are looked into: the way round.
    if (ready && this.#context.trust.earned) return this.#request(ready, api, body, options, options.timeoutMs);
    return this.#connectAndSend(api, body, options);
  }

  /** Which version `send` would choose. Connects when it must. */
  async versionOf(api: AnyApi, options: SendOptions = {}): Promise<number> {
    const slot = this.#slot(options.owner);
    const ready = slot.current ?? (await this.#acquire(slot, options));
    return choose(api, ready, options);
  }

  /** Closes this owner's connection. @param reason what is still under way there fails with */
  release(owner: Owner, reason: Error): void {
    const slot = this.#slots.get(owner);
    this.#slots.delete(owner);
    slot?.close(reason);
  }

  /** @param reason what everything that is still under way fails with */
  close(reason: Error = new ClosedError(`the broker ${this.address}`)): void {
    this.#closing.abort(reason);
    for (const slot of this.#slots.values()) slot.close(reason);
    this.#slots.clear();
  }

  async #connectAndSend<Q, R>(api: Api<Q, R>, body: Q, options: SendOptions): Promise<R> {
    const deadline = options.timeoutMs === undefined ? null : new Deadline(options.timeoutMs);
    const slot = this.#slot(options.owner);
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
    const { signal, expectResponse, answerTimeoutMs, mayArriveSlowly, onLeft } = options;
    const limits = { timeoutMs, answerTimeoutMs, mayArriveSlowly };
    return ready.connection.send(api, version, body, { ...limits, signal, expectResponse, onLeft });
  }

  /** A listener that demands SASL hangs up on the first request without it: that deserves its own words. */
  async #explain(error: unknown): Promise<Error | null> {
    const { options, trust } = this.#context;
    const hungUp = isKafkaError(error) && error.code === 'CONNECTION' && 'sent' in error && error.sent === true;
    if (!hungUp || options.sasl || trust.earned || this.#closing.signal.aborted) return null;
    const { signal } = this.#closing;
    // Why it hung up is a guess worth one connection; when that fails too, the first error tells more.
    return explainHangUp(this.#context, this, this.#memory, signal).catch(() => null);
  }

  #slot(owner: Owner = this.#context.control): Slot {
    return this.#slots.get(owner) ?? this.#addSlot(owner);
  }

  #addSlot(owner: Owner): Slot {
    const { retryBackoffMs: initialMs, retryBackoffMaxMs: maxMs } = this.#context.options;
    const slot = new Slot({
      broker: this.address,
      backoff: new Backoff({ initialMs, maxMs }),
      open: (signal) => this.#open(signal),
      onLost: () => owner.onLost(),
    });
    // A closed broker, and an owner that was released, must not open anything again.
    if (this.#closing.signal.aborted || owner.isReleased) slot.close(closedReason(this.#closing.signal, owner));
    else this.#slots.set(owner, slot);
    return slot;
  }

  async #open(signal: AbortSignal): Promise<ReadyConnection> {
    const { trust, options } = this.#context;
    this.#memory.trusted ||= trust.earned;
    try {
      const ready = await connect(this.#context, this, this.#memory, signal);
      trust.hasLoggedIn ||= options.sasl !== undefined;
      trust.refusals = 0;
      trust.failure = null;
      this.#complaint.worked();
      // It can be reached: if that fails later, the address is not the reason.
      this.#memory.isAdvertised = false;
      return ready;
    } catch (error) {
      const passing = this.#mayPass(error);
      if (!signal.aborted) {
        trust.failure = asError(error);
        // What cannot pass ends the calls that wait for it, which say it themselves.
        if (isRetriable(passing)) this.#complaint.failed(trust.failure);
      }
      throw passing;
    }
  }

  /** A login that has worked may be refused in passing, while the brokers' store of users is not at hand. */
  #mayPass(error: unknown): unknown {
    const { trust } = this.#context;
    if (!(error instanceof AuthenticationError) || error.mechanism === 'TLS' || !trust.hasLoggedIn) return error;
    if (++trust.refusals > MOST_REFUSALS) return error;
    const { mechanism, message, brokerMessage, cause } = error;
    return new AuthenticationError(mechanism, message, { brokerMessage, cause, retriable: true });
  }
}

function choose(api: AnyApi, { versions }: ReadyConnection, { version, maxVersion }: SendOptions): number {
  return version === undefined ? versionFor(api, versions, maxVersion) : exactVersion(api, versions, version);
}

function closedReason({ reason }: AbortSignal, owner: Owner): Error {
  if (isError(reason)) return reason;
  return reason === undefined ? new ClosedError(`the ${owner.name} connection`) : new ConnectionError('', 'closed');
}
