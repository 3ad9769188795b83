// What is known of the frames of one connection: responses are matched with their requests by correlation id.
import {
  type AnyApi,
  ApiVersions,
  apiByKey,
  decodeRequestFrame,
  decodeResponseFrame,
  Errors,
  KafkaError,
  Produce,
  SaslAuthenticate,
  SaslHandshake,
} from '@hopwire/protocol';

/** One frame, and what it says. */
export interface Seen {
  readonly direction: 'request' | 'response';
  /** As it came, its size included. */
  readonly bytes: Buffer;
  /** When it was there, in milliseconds since 1970. */
  readonly timeMs: number;
  /** null: unknown, or no message of Kafka (a SASL token by itself). */
  readonly api: AnyApi | null;
  readonly version: number;
  readonly correlationId: number | null;
  readonly clientId: string | null;
  readonly body: unknown;
  /** From the request to its response. */
  readonly latencyMs: number | null;
  /** Why it could not be decoded. */
  readonly problem: string | null;
  /** A login before KIP-152: bytes of the mechanism with a size in front, and nothing else. */
  readonly isToken: boolean;
  /** Where it cannot be decoded. */
  readonly hides: Hidden;
}

/** What of a frame that cannot be decoded may be a password: the bytes themselves, or also what they were taken for. */
export type Hidden = 'nothing' | 'bytes' | 'all';

interface Pending {
  readonly api: AnyApi | null;
  readonly version: number;
  readonly correlationId: number | null;
  readonly timeMs: number;
  readonly isToken: boolean;
}

const nothing = {
  api: null,
  version: -1,
  correlationId: null,
  clientId: null,
  body: undefined,
  latencyMs: null,
} as const;

/** Size, key, version, correlation id. */
const PREFIX_BYTES = 12;
const RESPONSE_PREFIX_BYTES = 8;
/** A client never has so many under way; what a broker does not answer must not pile up. */
const MOST_PENDING = 10_000;

/** Both directions of one connection, frame by frame as they come. */
export class Conversation {
  /** Brokers answer in order. */
  readonly #pending: Pending[] = [];
  /** After SaslHandshake v0 come tokens without any header; nothing says when they end. */
  #mayBeToken = false;
  #login: 'not known' | 'under way' | 'over' | 'none' = 'not known';

  /**
   * A login may begin without a word that Kafka knows, and a frame of it may be cut or damaged. So everything is hidden
   * until the client goes on with something else, and bytes for good if there was a login: it may be repeated.
   */
  get hides(): Hidden {
    if (this.#login === 'none') return 'nothing';
    return this.#login === 'over' ? 'bytes' : 'all';
  }

  request(bytes: Buffer, timeMs: number): Seen {
    const seen = this.#readRequest(bytes, timeMs);
    if (expectsAnswer(seen)) this.#expect(seen);
    this.#noteLogin(seen);
    return { ...seen, hides: this.hides };
  }

  #noteLogin({ api, isToken, problem }: Seen): void {
    if (isToken || api === SaslHandshake || api === SaslAuthenticate) this.#login = 'under way';
    else if (problem !== null || api === null || api === ApiVersions) return;
    else if (this.#login === 'not known') this.#login = 'none';
    else if (this.#login === 'under way') this.#login = 'over';
  }

  /** Without body and bytes, which would be kept until the answer. */
  #expect({ api, version, correlationId, timeMs, isToken }: Seen): void {
    if (correlationId === null && !isToken) return;
    this.#pending.push({ api, version, correlationId, timeMs, isToken });
    if (this.#pending.length > MOST_PENDING) this.#pending.shift();
  }

  response(bytes: Buffer, timeMs: number): Seen {
    const common = {
      ...nothing,
      direction: 'response',
      bytes,
      timeMs,
      isToken: false,
      hides: this.hides,
    } as const;
    const pending = this.#pendingFor(bytes);
    if (!pending) return { ...common, problem: 'it answers no request that was seen' };
    const latencyMs = timeMs - pending.timeMs;
    const { api, correlationId, isToken } = pending;
    if (isToken) return { ...common, isToken, latencyMs, problem: null };
    const version = api && isRefusal(api, bytes) ? 0 : pending.version;
    // The header of a request that could not be decoded to its end still says what answers it.
    if (!api || !isIn(api.versions, version)) {
      return { ...common, api, correlationId, latencyMs, problem: 'its request is unknown' };
    }
    const answer = attempt(() => decodeResponseFrame<unknown>(api, version, bytes).body);
    if (api === SaslHandshake && version === 0 && answer.problem === null) this.#mayBeToken = true;
    return { ...common, api, version, correlationId, latencyMs, body: answer.value, problem: answer.problem };
  }

  #readRequest(bytes: Buffer, timeMs: number): Seen {
    const common = { ...nothing, direction: 'request', bytes, timeMs, isToken: false, hides: 'all' } as const;
    const { value, problem } = attempt(() => decodeRequestFrame(bytes));
    if (value) return { ...common, ...value, version: value.apiVersion, problem };
    if (this.#mayBeToken) return { ...common, isToken: true, problem: null };
    if (bytes.length < PREFIX_BYTES) return { ...common, problem };
    const api = apiByKey(bytes.readInt16BE(4)) ?? null;
    return { ...common, api, version: bytes.readInt16BE(6), correlationId: bytes.readInt32BE(8), problem };
  }

  #pendingFor(bytes: Buffer): Pending | undefined {
    if (this.#pending[0]?.isToken) return this.#pending.shift();
    if (bytes.length < RESPONSE_PREFIX_BYTES) return undefined;
    const id = bytes.readInt32BE(4);
    const index = this.#pending.findIndex(({ correlationId }) => correlationId === id);
    return index < 0 ? undefined : this.#pending.splice(index, 1)[0];
  }
}

function isIn([first, last]: readonly [number, number], version: number): boolean {
  return version >= first && version <= last;
}

/** Produce with acks 0 has no answer. */
function expectsAnswer({ api, body }: Seen): boolean {
  const isProduce = api === Produce && typeof body === 'object' && body !== null && 'acks' in body;
  return !(isProduce && body.acks === 0);
}

/** KIP-511: ApiVersions in a version the broker does not know is answered in the layout of v0. */
function isRefusal(api: AnyApi, bytes: Buffer): boolean {
  const at = RESPONSE_PREFIX_BYTES;
  return api === ApiVersions && bytes.length >= at + 2 && bytes.readInt16BE(at) === Errors.UNSUPPORTED_VERSION;
}

function attempt<T>(decode: () => T): { readonly value?: T; readonly problem: string | null } {
  try {
    return { value: decode(), problem: null };
  } catch (error) {
    if (error instanceof KafkaError) return { problem: error.message };
    throw error;
  }
}
