// What happens to requests that reach a node: rules that hold for a while, asked in their order.
import { type AnyApi, type Api, apis, OffsetCommit, type OffsetCommitRequest } from '@hopwire/protocol';
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
    for (const api of apis) if (offered.has(api.key) && api !== OffsetCommit) this.#watch(api);
    this.#watch(OffsetCommit, (request, action) => this.#commit(request, action));
  }

  /** @returns takes it away */
  add(rule: RequestRule): () => void {
    this.#rules.add(rule);
    return () => this.#rules.delete(rule);
  }

  #watch<Q, R>(api: Api<Q, R>, meets?: (request: Q, action: VerbAction<never>) => void): void {
    const actionFor = (request: Q, place: RequestPlace): VerbAction<never> => {
      const action = this.#actionFor(api, place);
      meets?.(request, action);
      return action;
    };
    this.#world.broker.on(api, actionFor, { always: true });
  }

  #commit({ groupId, topics }: OffsetCommitRequest, action: VerbAction<never>): void {
    if (typeof action !== 'object' || !('delayMs' in action)) return;
    const { checker, scheduler } = this.#world;
    for (const { name: topic, partitions } of topics) {
      for (const { partitionIndex: partition, committedOffset: offset } of partitions) {
        checker.groups.holdsBack({ groupId, topic, partition, offset }, scheduler.now + action.delayMs);
      }
    }
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
