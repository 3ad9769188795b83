/*
 * One socket: state, correlation, in-flight map; the first failure wins and everyone waiting hears it.
 *
 *  handshaking --versions, sasl--> ready --close()--> closed
 *       `----------any error---------`-----any error----^
 *
 * The in-flight contract, whole: a request cancelled before its bytes leave is forgotten; one cancelled or timed out
 * after keeps its slot, and its answer is read and dropped. Framing never loses step, and no other request suffers.
 */
import {
  type AnyApi,
  type Api,
  correlationIdOf,
  decodeResponseMessage,
  FrameReader,
  ProtocolError,
  requestFrameChunks,
} from '@hopwire/protocol';
import { traceRequest } from '../diagnostics.ts';
import { asError, ClosedError, ConnectionError, TimeoutError } from '../errors.ts';
import type { ConnectionEvent, KafkaEvent } from '../events.ts';
import { onAbort } from '../util/abort.ts';
import { monotonicNow } from '../util/timers.ts';
import { Deadlines } from './deadlines.ts';
import { looksLikeTls, socketError, speaksTls } from './failures.ts';
import { Pause } from './pause.ts';
import { type Pending, settle, type Waiter } from './pending.ts';
import type { Socket } from './socket.ts';
import { pauseDemanded } from './throttle.ts';

export interface ConnectionOptions {
  /** `host:port` */
  readonly broker: string;
  readonly clientId: string;
  readonly tls: boolean;
  readonly maxFrameBytes: number;
  readonly requestTimeoutMs: number;
  /** 0: never closed for being idle */
  readonly idleConnectionMs: number;
  /** undefined: nobody watches */
  readonly emit: ((event: KafkaEvent) => void) | undefined;
}

export interface RequestOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** false: nothing comes back (Produce with acks 0); resolves with undefined */
  readonly expectResponse?: boolean | undefined;
}

type State = { name: 'handshaking' } | { name: 'ready' } | { name: 'closed'; reason: Error };

/** One connection to one broker. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #frames: FrameReader;
  readonly #inFlight = new Map<number, Pending>();
  readonly #deadlines: Deadlines;
  readonly #pause = new Pause();
  readonly #openedAt = monotonicNow();
  readonly #onClosed: Array<(reason: Error) => void> = [];
  #onDrained: Array<() => void> = [];
  #state: State = { name: 'handshaking' };
  #correlationId = 0;
  #lastByteAt = monotonicNow();
  #anyByte = false;
  #answers = 0;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#options = options;
    this.#socket = socket;
    this.#frames = new FrameReader(options.maxFrameBytes, (frame) => this.#answer(frame));
    this.#deadlines = new Deadlines((now) => this.#expire(now));
    this.#announce('handshaking');
    socket.listen({ data: (chunk) => this.#read(chunk), closed: (error) => this.#lost(error) });
  }

  get isOpen(): boolean {
    return this.#state.name !== 'closed';
  }

  /** Responses received so far, those of the handshake included. */
  get answers(): number {
    return this.#answers;
  }

  /** Requests whose answer is still to come. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** The handshake is done. */
  becomeReady(): void {
    if (this.#state.name !== 'handshaking') return;
    this.#state = { name: 'ready' };
    this.#announce('ready');
    this.#watchIdle();
  }

  /** Calls back once, also when it is closed already. */
  whenClosed(callback: (reason: Error) => void): void {
    if (this.#state.name === 'closed') callback(this.#state.reason);
    else this.#onClosed.push(callback);
  }

  /** Resolves when nothing is in flight. */
  drained(): Promise<void> {
    if (this.#inFlight.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#onDrained.push(resolve));
  }

  /** One promise per request, and none besides. */
  send<Q, R>(api: Api<Q, R>, version: number, body: Q, options: RequestOptions = {}): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      // The map holds requests of all types; `answer` resolves each with what its own API decoded.
      const settleWith = resolve as (response: unknown) => void;
      this.#pause.run(() => this.#write(api, version, body, options, settleWith, reject));
    });
  }

  /** @param reason what everyone waiting gets */
  fail(reason: Error): void {
    if (this.#state.name === 'closed') return; // the first reason wins
    this.#state = { name: 'closed', reason };
    this.#socket.destroy();
    this.#deadlines.clear();
    this.#pause.end();
    for (const pending of this.#inFlight.values()) settle(pending, { error: reason });
    this.#inFlight.clear();
    this.#noticeDrained();
    this.#announce('closed', reason);
    for (const callback of this.#onClosed.splice(0)) callback(reason);
  }

  close(reason: Error = new ClosedError(`the connection to ${this.#options.broker}`)): void {
    this.fail(reason);
  }

  #write<Q>(
    api: Api<Q, unknown>,
    version: number,
    body: Q,
    options: RequestOptions,
    resolve: (response: unknown) => void,
    reject: (error: unknown) => void,
  ): void {
    const refusal = this.#refusal(options);
    if (refusal) {
      reject(refusal.reason);
      return;
    }
    const id = this.#nextId();
    const chunks = encodeFrame(api, version, id, this.#options.clientId, body, reject);
    if (!chunks) return;
    this.#socket.writev(chunks);
    if (options.expectResponse === false) resolve(undefined);
    else this.#expect(id, api, version, byteLength(chunks), options, { resolve, reject });
  }

  /** Closed, or cancelled before its bytes leave. */
  #refusal({ signal }: RequestOptions): { reason: unknown } | null {
    if (this.#state.name === 'closed') return { reason: this.#state.reason };
    return signal?.aborted ? { reason: signal.reason } : null;
  }

  #expect(
    id: number,
    api: AnyApi,
    version: number,
    sentBytes: number,
    { timeoutMs = this.#options.requestTimeoutMs, signal }: RequestOptions,
    waiter: Pick<Waiter, 'resolve' | 'reject'>,
  ): void {
    const sentAt = monotonicNow();
    const deadline = sentAt + timeoutMs;
    const trace = traceRequest(api.name, version, this.#options.broker);
    const pending: Pending = { api, version, sentAt, sentBytes, deadline, timeoutMs, trace, waiter: null };
    pending.waiter = {
      ...waiter,
      stopListening: signal ? onAbort(signal, () => settle(pending, { error: signal.reason })) : null,
    };
    this.#inFlight.set(id, pending);
    this.#deadlines.add(deadline);
  }

  #nextId(): number {
    this.#correlationId = (this.#correlationId + 1) & 0x7fffffff;
    return this.#correlationId;
  }

  #read(chunk: Buffer): void {
    if (this.#state.name === 'closed') return;
    this.#lastByteAt = monotonicNow();
    try {
      if (!this.#anyByte && looksLikeTls(chunk)) throw speaksTls(this.#options.broker);
      this.#anyByte = true;
      this.#frames.push(chunk);
    } catch (error) {
      this.fail(this.#spoilt(asError(error)));
    }
  }

  /** Framing has lost step, or it is not Kafka at all. */
  #spoilt(error: Error): Error {
    if (error instanceof ConnectionError) return error;
    return new ConnectionError(this.#options.broker, error.message, { sent: true, cause: error });
  }

  #answer(frame: Buffer): void {
    if (this.#state.name === 'closed') return;
    const id = correlationIdOf(frame);
    const pending = this.#inFlight.get(id);
    if (!pending) throw new ProtocolError(`answer to a request that was not sent (correlation id ${id})`);
    this.#inFlight.delete(id);
    this.#answers++;
    if (pending.waiter) this.#deliver(pending, frame);
    if (this.#inFlight.size === 0) this.#noticeDrained();
  }

  /** What cannot be decoded fails its own request first, then the connection: framing may have lost step. */
  #deliver(pending: Pending, frame: Buffer): void {
    const { api, version } = pending;
    try {
      const response: unknown = decodeResponseMessage(api, version, frame);
      this.#obeyPause(pending, response);
      this.#report(pending, frame.length);
      settle(pending, { response });
    } catch (error) {
      const reason = new ProtocolError(`${this.#options.broker}: ${api.name} v${version}: ${asError(error).message}`, {
        cause: error,
      });
      this.#report(pending, frame.length, reason);
      settle(pending, { error: reason });
      throw reason;
    }
  }

  #obeyPause({ api, version }: Pending, response: unknown): void {
    const pauseMs = pauseDemanded(api.key, version, response);
    if (pauseMs === 0) return;
    this.#pause.until(monotonicNow() + pauseMs);
    this.#options.emit?.({ type: 'throttle', broker: this.#options.broker, api: api.name, pauseMs });
  }

  /** @returns the next deadline */
  #expire(now: number): number {
    let next = Infinity;
    let oldestIsLate = false;
    let first = true;
    for (const pending of this.#inFlight.values()) {
      const late = pending.deadline <= now;
      if (first) oldestIsLate = late;
      first = false;
      if (!late) next = Math.min(next, pending.deadline);
      else if (pending.waiter) this.#timeOut(pending);
    }
    if (!oldestIsLate) return next;
    const silentUntil = this.#silentSince() + this.#options.requestTimeoutMs;
    if (now >= silentUntil) this.fail(this.#silence());
    return Math.min(next, silentUntil);
  }

  #timeOut(pending: Pending): void {
    const what = `${this.#options.broker}: ${pending.api.name}`;
    const error = new TimeoutError(what, pending.timeoutMs, {
      sent: true,
      remedy: 'the broker is slow or stuck; or raise requestTimeoutMs',
    });
    this.#report(pending, 0, error);
    settle(pending, { error });
  }

  /** Since when a byte is awaited: brokers answer in order, so that it is the oldest request's. */
  #silentSince(): number {
    const [oldest] = this.#inFlight.values();
    return Math.max(this.#lastByteAt, oldest?.sentAt ?? 0);
  }

  #silence(): ConnectionError {
    const reason = `no byte for ${this.#options.requestTimeoutMs} ms while a request was waiting; the broker is stuck or unreachable`;
    return new ConnectionError(this.#options.broker, reason, { sent: true });
  }

  #lost(error: Error | null): void {
    if (this.#state.name === 'closed') return;
    const [oldest] = this.#inFlight.values();
    const doing = oldest ? `closed while waiting for ${oldest.api.name}` : 'closed by the broker';
    this.fail(socketError(this.#options.broker, error, doing));
  }

  #watchIdle(): void {
    const { idleConnectionMs } = this.#options;
    if (idleConnectionMs === 0) return;
    const timer = setInterval(
      () => {
        const idle = this.#inFlight.size === 0 && monotonicNow() - this.#lastByteAt >= idleConnectionMs;
        if (idle)
          this.fail(new ConnectionError(this.#options.broker, `closed after ${idleConnectionMs} ms without use`));
      },
      Math.max(10, idleConnectionMs / 4),
    ).unref();
    this.whenClosed(() => clearInterval(timer));
  }

  #noticeDrained(): void {
    const waiting = this.#onDrained;
    this.#onDrained = [];
    for (const resolve of waiting) resolve();
  }

  #report(pending: Pending, receivedBytes: number, error?: Error): void {
    const { emit, broker } = this.#options;
    if (!emit) return;
    const { api, version, sentBytes } = pending;
    const durationMs = monotonicNow() - pending.sentAt;
    emit({
      type: 'request',
      api: api.name,
      version,
      broker,
      durationMs,
      sentBytes,
      receivedBytes,
      ...(error && { error }),
    });
  }

  #announce(state: ConnectionEvent['state'], reason?: Error): void {
    const { emit, broker } = this.#options;
    emit?.({
      type: 'connection',
      state,
      broker,
      durationMs: monotonicNow() - this.#openedAt,
      ...(reason && { reason }),
    });
  }
}

/** null: the request cannot be encoded; the caller was told. */
function encodeFrame<Q>(
  api: Api<Q, unknown>,
  version: number,
  id: number,
  clientId: string,
  body: Q,
  reject: (error: unknown) => void,
): Buffer[] | null {
  try {
    return requestFrameChunks(api, version, id, clientId, body);
  } catch (error) {
    reject(error);
    return null;
  }
}

function byteLength(chunks: readonly Buffer[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}
