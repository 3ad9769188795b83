// From a request frame to the answer's bytes. ApiVersions is derived from what is registered here.
import {
  type Api,
  ApiVersions,
  decodeRequest,
  decodeRequestHeaderRest,
  decodeRequestPrefix,
  Errors,
  isFlexible,
  ProtocolError,
  Reader,
  responseFrameChunks,
  type VersionRange,
} from '@hopwire/protocol';
import type { VerbAction, Verbs } from '../verbs.ts';
import { clock } from './clock.ts';
import type { BrokerNode, Cluster } from './cluster.ts';
import type { Connection } from './connection.ts';
import { CLOSE, type Reply } from './reply.ts';

export { CLOSE } from './reply.ts';

/** What a handler may give back. */
export type Answer<Response> = Response | null | typeof CLOSE;

/** What a handler gets beside the request. */
export interface RequestContext {
  readonly cluster: Cluster;
  readonly node: BrokerNode;
  readonly connection: Connection;
  readonly clientId: string | null;
  readonly version: number;
  /** Aborted when the connection is gone: whoever waits stops. */
  readonly signal: AbortSignal;
  /** What is advertised to this connection. */
  readonly advertised: readonly AdvertisedApi[];
}

export interface AdvertisedApi {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** One API of the broker: how it answers, and how it refuses a whole request with an error code. */
export interface Handler<Request, Response> {
  readonly api: Api<Request, Response>;
  readonly versions: VersionRange;
  /** null: the request has no answer; CLOSE: the connection is closed instead. */
  answer(request: Request, context: RequestContext): Answer<Response> | Promise<Answer<Response>>;
  refuse(request: Request, errorCode: number): Response;
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds handlers of all APIs, as AnyApi does
export type AnyHandler = Handler<any, any>;

/** Declares a handler; without `versions` it takes every stable version of the API. */
export function handle<Request, Response>(
  api: Api<Request, Response>,
  functions: Pick<Handler<Request, Response>, 'answer' | 'refuse'>,
  versions: VersionRange = [api.versions[0], api.latestStable ?? api.versions[1]],
): Handler<Request, Response> {
  return { api, versions, ...functions };
}

/** Finds the handler of a frame, lets verbs have their say, encodes the answer. */
export class Router {
  readonly #cluster: Cluster;
  readonly #verbs: Verbs;
  readonly #handlers = new Map<number, AnyHandler>();
  readonly #maxVersions: Readonly<Record<string, number>>;
  readonly #advertised: readonly AdvertisedApi[];

  constructor(
    cluster: Cluster,
    handlers: readonly AnyHandler[],
    verbs: Verbs,
    maxVersions: Readonly<Record<string, number>>,
  ) {
    this.#cluster = cluster;
    this.#verbs = verbs;
    this.#maxVersions = maxVersions;
    for (const handler of handlers) this.#handlers.set(handler.api.key, handler);
    this.#advertised = this.#offered();
  }

  async reply(frame: Buffer, connection: Connection): Promise<Reply> {
    if (connection.sasl?.stage === 'raw') return this.#rawToken(frame, connection);
    const head = new Reader(frame);
    const { apiKey, apiVersion, correlationId } = decodeRequestPrefix(head);
    const handler = this.#handlers.get(apiKey);
    if (!handler || !this.#takes(handler, apiVersion)) {
      if (apiKey === ApiVersions.key) return this.#unsupportedApiVersions(correlationId);
      throw new ProtocolError(
        `${handler?.api.name ?? `API ${apiKey}`} v${apiVersion} is not offered; ask ApiVersions first`,
      );
    }
    connection.sasl?.check(handler.api);
    const clientId = decodeRequestHeaderRest(head, isFlexible(handler.api, apiVersion));
    const request: unknown = decodeRequest(handler.api, apiVersion, frame.subarray(head.position));
    const context: RequestContext = {
      cluster: this.#cluster,
      node: connection.node,
      connection,
      clientId,
      version: apiVersion,
      signal: connection.signal,
      advertised: this.#advertised,
    };
    const answer = await this.#answer(handler, request, context);
    if (answer === null || answer === CLOSE) return answer;
    return responseFrameChunks(handler.api, apiVersion, correlationId, answer);
  }

  async #answer<Request, Response>(
    handler: Handler<Request, Response>,
    request: Request,
    context: RequestContext,
  ): Promise<Answer<Response>> {
    const { clientId, version, node, connection, signal } = context;
    const place = { nodeId: node.id, clientId, version, user: connection.user };
    const action: VerbAction<Response> = this.#verbs.actionFor(handler.api, request, place);
    if (action === 'pass') return handler.answer(request, context);
    if (action === 'kill') return CLOSE;
    if (action === 'swallow') return null;
    if ('answer' in action) return action.answer;
    if ('errorCode' in action) return handler.refuse(request, action.errorCode);
    if ('holdUntil' in action) await action.holdUntil;
    if ('delayMs' in action) await elapsed(action.delayMs, signal);
    const answer = await handler.answer(request, context);
    if ('handleThen' in action) return action.handleThen === 'kill' ? CLOSE : null;
    if (answer === null || answer === CLOSE) return answer;
    if ('change' in action) return action.change(answer);
    return 'throttleMs' in action ? throttled(answer, action.throttleMs) : answer;
  }

  #offered(): AdvertisedApi[] {
    return [...this.#handlers.values()]
      .filter((handler) => this.#isOffered(handler))
      .map((handler) => ({
        apiKey: handler.api.key,
        minVersion: handler.versions[0],
        maxVersion: this.#highest(handler),
      }))
      .sort((a, b) => a.apiKey - b.apiKey);
  }

  #takes(handler: AnyHandler, version: number): boolean {
    return version >= handler.versions[0] && version <= this.#highest(handler) && this.#isOffered(handler);
  }

  /** A cap below the lowest version takes the API away. */
  #isOffered(handler: AnyHandler): boolean {
    return this.#highest(handler) >= handler.versions[0];
  }

  #highest(handler: AnyHandler): number {
    return Math.min(handler.versions[1], this.#maxVersions[handler.api.name] ?? handler.versions[1]);
  }

  /** KIP-511: in the layout of version 0, with the range of ApiVersions itself. */
  #unsupportedApiVersions(correlationId: number): Reply {
    const handler = this.#handlers.get(ApiVersions.key);
    if (!handler) return CLOSE;
    const own = { apiKey: ApiVersions.key, minVersion: handler.versions[0], maxVersion: this.#highest(handler) };
    const answer = handler.refuse(undefined, Errors.UNSUPPORTED_VERSION);
    return responseFrameChunks(ApiVersions, 0, correlationId, { ...answer, apiKeys: [own] });
  }

  #rawToken(token: Buffer, connection: Connection): Reply {
    const outcome = connection.sasl?.token(token);
    if (outcome?.errorCode !== 0) return CLOSE;
    const size = Buffer.alloc(4);
    size.writeInt32BE(outcome.authBytes.length);
    return [size, outcome.authBytes];
  }
}

/** APIs without the field cannot throttle. */
function throttled<Response>(answer: Answer<Response>, throttleTimeMs: number): Answer<Response> {
  const hasField = typeof answer === 'object' && answer !== null && 'throttleTimeMs' in answer;
  return hasField ? { ...answer, throttleTimeMs } : answer;
}

function elapsed(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clock.clearTimer(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.setTimer(end, ms);
    signal.addEventListener('abort', end);
  });
}
