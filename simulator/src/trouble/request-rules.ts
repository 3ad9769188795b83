// What happens to requests that reach a node: rules that hold for a while, asked in their order.
import { type AnyApi, type Api, apis } from '@hopwire/protocol';
import type { RequestPlace, VerbAction } from '@hopwire/test-broker';
import { handlers } from '@hopwire/test-broker/src/handlers/index.ts';
import type { World } from '../world.ts';

/** `null`: not this request. */
export type RequestRule = (api: AnyApi, place: RequestPlace) => VerbAction<never> | null;

export class RequestRules {
  readonly #rules = new Set<RequestRule>();
  readonly #world: World;

  /** Every request is counted from now on. */
  constructor(world: World) {
    this.#world = world;
    const offered = new Set(handlers.map(({ api }) => api.key));
    for (const api of apis) if (offered.has(api.key)) this.#watch(api);
  }

  /** @returns takes it away */
  add(rule: RequestRule): () => void {
    this.#rules.add(rule);
    return () => this.#rules.delete(rule);
  }

  #watch<Q, R>(api: Api<Q, R>): void {
    this.#world.broker.on(api, (_request, place) => this.#actionFor(api, place), { always: true });
  }

  #actionFor(api: AnyApi, place: RequestPlace): VerbAction<never> {
    this.#world.checker.rates.request(api.name, place.clientId ?? '', place.nodeId);
    for (const rule of this.#rules) {
      const action = rule(api, place);
      if (action === null) continue;
      this.#world.trace.say(`node ${place.nodeId}: ${api.name} meets ${JSON.stringify(action)}`);
      return action;
    }
    return 'pass';
  }
}
