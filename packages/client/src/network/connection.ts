/*
 * One socket: state, correlation, in-flight map; the first failure wins and everyone waiting hears it.
 *
 *  handshaking --versions, sasl--> ready --close()--> closed
 *       `----------any error---------`-----any error----^
 *
 * The in-flight contract, whole: a request cancelled before its bytes leave is forgotten; one cancelled or timed out
 * after keeps its slot, and its answer is read and dropped. Framing never loses step, and no other request suffers.
 * Bytes leave at once, except during a pause that the broker has demanded.
 */
import {
  type AnyApi,
  type Api,
  ApiVersions,
  correlationIdOf,
  decodeResponseMessage,
  FrameReader,
  FrameSizeError,
  ProtocolError,
  requestFrameChunks,
} from '@hopwire/protocol';
import { asError, ClosedError, ConnectionError, FrameTooLargeError, TimeoutError } from '../errors.ts';
import type { ConnectionEvent, KafkaEvent } from '../events.ts';
import { clock } from '../util/clock.ts';
import { Arrivals } from './arrivals.ts';
import { Deadlines } from './deadlines.ts';
import { noKafka, socketError, strangerError } from './failures.ts';
import { Idleness } from './idleness.ts';
import { Pause, type PauseOptions } from './pause.ts';
import { Pending, type RequestOptions } from './pending.ts';
import type { Socket } from './socket.ts';
import { pauseDemanded } from './throttle.ts';
import { wrongField } from './wrong-field.ts';

export interface ConnectionOptions extends PauseOptions {
  readonly clientId: string;
  readonly maxFrameBytes: number;
  readonly requestTimeoutMs: number;
  /** 0: never closed for being idle */
  readonly idleConnectionMs: number;
  /** undefined: nobody watches */
  readonly emit: ((event: KafkaEvent) => void) | undefined;
}

/** How much later than due a request may be found late, when there are very many. */
const MOST_LATE_MS = 50;
/** An answer to ApiVersions has a few bytes for each API. */
const MOST_API_VERSIONS = 1024 * 1024;

type State = { name: 'handshaking' } | { name: 'ready' } | { name: 'closed'; reason: Error; wasLost: boolean };

/** @param wasLost it was not closed by us, because we had no use for it */
type OnClosed = (reason: Error, wasLost: boolean) => void;

/** One connection to one broker. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #frames: FrameReader;
  readonly #inFlight = new Map<number, Pending>();
  readonly #deadlines: Deadlines;
  readonly #pause: Pause<Pending>;
  readonly #idleness: Idleness;
  readonly #openedAt = clock.now();
  readonly #onClosed: OnClosed[] = [];
  #onDrained: Array<() => void> = [];
  #state: State = { name: 'handshaking' };
  #correlationId = 0;
  readonly #arrivals: Arrivals = new Arrivals();
  #answers = 0;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#options = options;
    this.#socket = socket;
    this.#frames = new FrameReader(options.maxFrameBytes, (frame) => this.#answer(frame));
    this.#deadlines = new Deadlines({ expire: (now) => this.#expire(now), arrived: () => this.#arrivals.bytes });
    this.#pause = new Pause(options, (pending) => this.#write(pending));
    this.#idleness = new Idleness(options.idleConnectionMs, () => this.#closeUnused());
    this.#announce('handshaking');
    socket.listen({
      data: (chunk) => this.#read(chunk.length, chunk),
      space: () => this.#frames.space(),
      filled: (count) => this.#read(count, null),
      closed: (error) => this.#lost(error),
    });
  }

  get isOpen(): boolean {
    return this.#state.name !== 'closed';
  }

  /** Responses received so far, those of the handshake included. */
  get answers(): number {
    return this.#answers;
  }

  /** Requests whose answer is still to come, those included that wait for a pause to end. */
  get inFlight(): number {
    return this.#inFlight.size + this.#pause.parked.size;
  }

  /**
   * For how long no byte has come although the oldest request in flight waits for one; 0: none does. What is known to
   * be held by the broker (its `answerTimeoutMs` is longer than usual, as that of a JoinGroup) is no silence.
   */
  get silentMs(): number {
    const oldest = this.#oldest();
    if (!oldest || oldest.answerTimeoutMs > this.#options.requestTimeoutMs) return 0;
    return clock.now() - Math.max(this.heardAt, oldest.sentAt);
  }

  /** When the last byte came, of the clock; before any: when the connection was made. */
  get heardAt(): number {
    return this.#arrivals.lastAt;
  }

  /** What is left of a pause that the broker demands; 0: there is none. */
  get pauseLeftMs(): number {
    return this.#pause.leftMs;
  }

  /** Resolves when requests leave at once, or it is closed. */
  unpaused(): Promise<void> {
    return this.#pause.ended();
  }

  /** The handshake is done. */
  becomeReady(): void {
    if (this.#state.name !== 'handshaking') return;
    this.#state = { name: 'ready' };
    this.#announce('ready');
    this.#idleness.watch();
  }

  /** Calls back once, also when it is closed already. */
  whenClosed(callback: OnClosed): void {
    if (this.#state.name === 'closed') callback(this.#state.reason, this.#state.wasLost);
    else this.#onClosed.push(callback);
  }

  /** Resolves when nothing is in flight. */
  drained(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onDrained.push(resolve));
  }

  /** One promise per request, and none besides. */
  send<Q, R>(api: Api<Q, R>, version: number, body: Q, options: RequestOptions = {}): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const limits = { calledAt: clock.now(), answerTimeoutMs: this.#options.requestTimeoutMs };
      // The map holds requests of all types; `answer` resolves each with what its own API decoded.
      const settling = { resolve: resolve as (response: unknown) => void, reject };
      const pending = new Pending(api, version, body, options, limits, settling);
      const { signal } = options;
      if (signal?.aborted) return pending.reject(signal.reason);
      if (signal) pending.listen(signal, () => this.#abandon(pending, signal.reason));
      if (this.#pause.isOn) this.#park(pending);
      else this.#write(pending);
    });
  }

  /** It is of no use any more. @param reason what everyone waiting gets */
  fail(reason: Error): void {
    this.#end(reason, true);
  }

  /** We have no use for it any more. */
  close(reason: Error = new ClosedError(`the connection to ${this.#options.broker}`)): void {
    this.#end(reason, false);
  }

  #end(reason: Error, wasLost: boolean): void {
    if (this.#state.name === 'closed') return; // the first reason wins
    this.#state = { name: 'closed', reason, wasLost };
    this.#socket.destroy();
    this.#deadlines.end();
    this.#idleness.end();
    this.#pause.end(); // with the state as it is, each is rejected
    for (const pending of this.#inFlight.values()) pending.reject(reason);
    this.#inFlight.clear();
    this.#noticeDrained();
    this.#announce('closed', reason);
    for (const callback of this.#onClosed.splice(0)) callback(reason, wasLost);
  }

  #park(pending: Pending): void {
    this.#pause.park(pending);
    this.#deadlines.add(pending.deadline);
  }

  #write(pending: Pending): void {
    if (this.#state.name === 'closed') return pending.reject(this.#state.reason);
    if (pending.timeoutMs <= 0) return this.#timeOut(pending);
    const id = this.#nextId();
    const chunks = encodeFrame(pending, id, this.#options.clientId);
    if (!chunks) return;
    const now = clock.now();
    pending.sent(this.#options.broker, now, byteLength(chunks));
    this.#idleness.used(now);
    this.#inFlight.set(id, pending);
    this.#deadlines.add(pending.deadline);
    try {
      this.#socket.writev(chunks, pending.expectsResponse ? undefined : (error) => error || this.#left(id, pending));
    } catch (error) {
      this.fail(socketError(this.#options.broker, error, 'cannot write'));
    }
  }

  /** No answer comes to this one: it is done when the system has taken its bytes. */
  #left(id: number, pending: Pending): void {
    if (!this.#inFlight.delete(id)) return;
    this.#report(pending, 0);
    pending.resolve(undefined);
    this.#noticeDrained();
  }

  #abandon(pending: Pending, reason: unknown): void {
    pending.reject(reason);
    if (this.#pause.forget(pending)) this.#noticeDrained();
  }

  #nextId(): number {
    this.#correlationId = (this.#correlationId + 1) & 0x7fffffff;
    return this.#correlationId;
  }

  /** @param chunk null: they are where the reader of frames wanted them */
  #read(count: number, chunk: Buffer | null): void {
    if (this.#state.name === 'closed') return;
    this.#arrivals.lastAt = clock.now();
    this.#idleness.used(this.#arrivals.lastAt);
    try {
      if (chunk) this.#push(chunk);
      else this.#frames.filled(count);
    } catch (error) {
      this.#spoilt(asError(error));
    }
    this.#arrivals.add(count);
  }

  #push(chunk: Buffer): void {
    const stranger = this.#arrivals.bytes === 0 ? strangerError(this.#options.broker, chunk) : null;
    if (stranger) throw stranger;
    this.#frames.push(chunk);
  }

  /** Framing has lost step, or it is not Kafka at all. */
  #spoilt(error: Error): void {
    if (error instanceof FrameSizeError && error.size > 0) this.#refuse(error);
    else if (error instanceof ConnectionError) this.fail(error);
    else this.fail(new ConnectionError(this.#options.broker, error.message, { sent: true, cause: error }));
  }

  /** Brokers answer in order: the oldest request asked for too much, and the others may be asked again. */
  #refuse({ size, maxFrameBytes }: FrameSizeError): void {
    const { broker } = this.#options;
    const [asked] = [...this.#inFlight.values()].filter(({ expectsResponse }) => expectsResponse);
    if (this.#answers === 0 && asked?.api.key === ApiVersions.key && size > MOST_API_VERSIONS) {
      return this.fail(noKafka(broker));
    }
    const cause = new FrameTooLargeError(broker, asked?.api.name ?? 'nothing asked for', size, maxFrameBytes);
    if (asked) this.#report(asked, 0, cause);
    asked?.reject(cause);
    const reason = `closed: ${cause.api} has an answer of ${size} bytes, above maxFrameBytes (${maxFrameBytes})`;
    this.fail(new ConnectionError(broker, reason, { sent: true, cause }));
  }

  #answer(frame: Buffer): void {
    if (this.#state.name === 'closed') return;
    const id = correlationIdOf(frame);
    const pending = this.#inFlight.get(id);
    if (!pending) throw new ProtocolError(`answer to a request that was not sent (correlation id ${id})`);
    this.#inFlight.delete(id);
    this.#answers++;
    if (!pending.isSettled) this.#deliver(pending, frame);
    this.#noticeDrained();
  }

  /** What cannot be decoded fails its own request first, then the connection: framing may have lost step. */
  #deliver(pending: Pending, frame: Buffer): void {
    const { api, version } = pending;
    try {
      const response: unknown = decodeResponseMessage(api, version, frame);
      this.#obeyPause(pending, response);
      this.#report(pending, frame.length);
      pending.resolve(response);
    } catch (error) {
      const reason = new ProtocolError(`${this.#options.broker}: ${api.name} v${version}: ${asError(error).message}`, {
        cause: error,
      });
      this.#report(pending, frame.length, reason);
      pending.reject(reason);
      throw reason;
    }
  }

  #obeyPause({ api, version }: Pending, response: unknown): void {
    const pauseMs = pauseDemanded(api.key, version, response);
    if (pauseMs <= 0) return;
    this.#pause.begin(pauseMs);
    this.#options.emit?.({ type: 'throttle', broker: this.#options.broker, api: api.name, pauseMs });
  }

  /** @returns the next deadline, not so soon that looking through many would take more than a hundredth of the time */
  #expire(now: number): number {
    let next = Infinity;
    const arrivesUntil = this.#arrivals.progressAt + this.#options.requestTimeoutMs;
    for (const waiting of [this.#pause.parked, this.#inFlight.values()]) {
      for (const pending of waiting) {
        if (pending.isSettled) continue;
        const deadline = pending.deadlineWhileArriving(now, arrivesUntil);
        if (deadline <= now) this.#timeOut(pending);
        else next = Math.min(next, deadline);
      }
    }
    const soonest = now + Math.min(MOST_LATE_MS, this.inFlight / 1000);
    return Math.max(soonest, Math.min(next, this.#lookForSilence(now)));
  }

  #timeOut(pending: Pending): void {
    const { broker } = this.#options;
    const isSent = pending.answerBy < Infinity;
    const remedy = isSent ? 'the broker is slow or stuck; or raise requestTimeoutMs' : this.#pause.whyNotSent;
    const error = new TimeoutError(`${broker}: ${pending.api.name}`, pending.limitMs, { sent: isSent, remedy });
    if (isSent) this.#report(pending, 0, error);
    this.#abandon(pending, error);
  }

  /** The socket is given up when nothing at all came for a whole `requestTimeoutMs`, and the oldest answer is late. */
  #lookForSilence(now: number): number {
    const oldest = this.#oldest();
    if (!oldest) return Infinity;
    const { requestTimeoutMs, broker } = this.#options;
    const until = Math.max(oldest.answerBy, Math.max(this.heardAt, oldest.sentAt) + requestTimeoutMs);
    if (now < until) return until;
    const reason = `no byte for ${requestTimeoutMs} ms while a request was waiting; the broker is stuck or unreachable`;
    this.fail(new ConnectionError(broker, reason, { sent: true }));
    return Infinity;
  }

  /** Brokers answer in order. */
  #oldest(): Pending | undefined {
    const [oldest] = this.#inFlight.values();
    return oldest;
  }

  #lost(error: Error | null): void {
    if (this.#state.name === 'closed') return;
    const oldest = this.#oldest();
    const doing = oldest ? `closed while waiting for ${oldest.api.name}` : 'closed by the broker';
    this.fail(socketError(this.#options.broker, error, doing));
  }

  #closeUnused(): void {
    if (this.inFlight > 0) return this.#idleness.used(clock.now());
    const { broker, idleConnectionMs } = this.#options;
    this.close(new ConnectionError(broker, `closed after ${idleConnectionMs} ms without use`));
  }

  #noticeDrained(): void {
    if (this.#onDrained.length === 0 || this.inFlight > 0) return;
    const waiting = this.#onDrained;
    this.#onDrained = [];
    for (const resolve of waiting) resolve();
  }

  #report(pending: Pending, receivedBytes: number, error?: Error): void {
    const { emit, broker } = this.#options;
    if (!emit || pending.isSettled) return;
    const { api, version, sentBytes } = pending;
    const durationMs = clock.now() - pending.sentAt;
    const outcome = { durationMs, sentBytes, receivedBytes, ...(error && { error }) };
    emit({ type: 'request', api: api.name, version, broker, ...outcome });
  }

  #announce(state: ConnectionEvent['state'], reason?: Error): void {
    const { emit, broker } = this.#options;
    const durationMs = clock.now() - this.#openedAt;
    emit?.({ type: 'connection', state, broker, durationMs, ...(reason && { reason }) });
  }
}

/** null: the request cannot be encoded; its caller was told. */
function encodeFrame(pending: Pending, id: number, clientId: string): Buffer[] | null {
  const { api, version, body }: { api: AnyApi; version: number; body: unknown } = pending;
  try {
    return requestFrameChunks(api, version, id, clientId, body);
  } catch (error) {
    pending.reject(wrongField(api, version, body, error));
    return null;
  }
}

function byteLength(chunks: readonly Buffer[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}
