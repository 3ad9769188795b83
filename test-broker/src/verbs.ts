// Verbs: what a test does to requests that meet the embedded broker.
import type { AnyApi, Api } from '@hopwire/protocol';

/** Where a request arrived. */
export interface RequestPlace {
  readonly nodeId: number;
  readonly clientId: string | null;
  readonly version: number;
  readonly user: string;
}

/**
 * What happens to a request:
 * `pass` the handler answers; `kill` the connection is cut unanswered; `swallow` no answer ever;
 * `answer` this answer instead of the handler's; `errorCode` the API's refusal with this code;
 * `holdUntil` / `delayMs` the handler answers later; `throttleMs` its answer demands a pause; `change` its answer is replaced
 * by what this function makes of it; `handleThen` the handler does its work, and the answer is lost.
 */
export type VerbAction<Response> =
  | 'pass'
  | 'kill'
  | 'swallow'
  | { readonly answer: Response }
  | { readonly errorCode: number }
  | { readonly holdUntil: Promise<unknown> }
  | { readonly delayMs: number }
  | { readonly throttleMs: number }
  | { change(answer: Response): Response }
  | { readonly handleThen: 'kill' | 'swallow' };

/** An action, or a function that looks at the request and decides. */
export type Verb<Request, Response> =
  | VerbAction<Response>
  | ((request: Request, place: RequestPlace) => VerbAction<Response>);

export interface VerbOptions<Request> {
  /** How many requests it meets before it is gone; default 1. */
  readonly times?: number;
  /** It stays until `off`. */
  readonly always?: boolean;
  /** Only requests for which this is true count. */
  readonly when?: (request: Request, place: RequestPlace) => boolean;
}

interface Rule<Request, Response> {
  readonly api: AnyApi;
  readonly verb: Verb<Request, Response>;
  readonly options: VerbOptions<Request>;
  left: number;
}

// biome-ignore lint/suspicious/noExplicitAny: rules of all APIs stand in one list; `on` and `actionFor` keep each one's types
type AnyRule = Rule<any, any>;

/** The verbs that are waiting for their requests, in the order they were given. */
export class Verbs {
  #rules: AnyRule[] = [];

  on<Request, Response>(
    api: Api<Request, Response>,
    verb: Verb<Request, Response>,
    options: VerbOptions<Request> = {},
  ): void {
    const left = options.always ? Number.POSITIVE_INFINITY : (options.times ?? 1);
    this.#rules.push({ api, verb, options, left });
  }

  /** Removes the verbs of one API, or all of them. */
  off(api?: AnyApi): void {
    this.#rules = api ? this.#rules.filter((rule) => rule.api.key !== api.key) : [];
  }

  /** What the first verb that matches says; `pass` when there is none. */
  actionFor<Request, Response>(
    api: Api<Request, Response>,
    request: Request,
    place: RequestPlace,
  ): VerbAction<Response> {
    const rule = this.#rules.find((r) => r.api.key === api.key && (r.options.when?.(request, place) ?? true));
    if (!rule) return 'pass';
    rule.left--;
    if (rule.left <= 0) this.#rules = this.#rules.filter((other) => other !== rule);
    return typeof rule.verb === 'function' ? rule.verb(request, place) : rule.verb;
  }
}
