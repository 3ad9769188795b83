// Which broker coordinates a group, a transaction or share state: asked once, remembered until it proves wrong.
import type {
  FindCoordinatorRequest,
  FindCoordinatorResponse,
  FindCoordinatorResponseCoordinator,
} from '@hopwire/protocol';
import { brokerError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import { SingleFlight } from '../util/single-flight.ts';
import { waitFor } from '../util/timers.ts';
import type { Broker } from './broker.ts';

/** 0 group, 1 transaction, 2 share. */
export type CoordinatorKind = 0 | 1 | 2;

export interface CoordinatorSource {
  /** The first good answer of any broker. */
  ask(body: FindCoordinatorRequest): Promise<FindCoordinatorResponse>;
  broker(nodeId: number): Broker | undefined;
  learn(address: { nodeId: number; host: string; port: number }): Broker;
  /** The error of a look-up whose time is up. */
  late(what: string, waiting: Waiting): Error;
}

/** Look-ups for the same key at the same time share one request. */
export class Coordinators {
  readonly #source: CoordinatorSource;
  readonly #known = new Map<string, number>();
  readonly #flights = new SingleFlight<string, Broker>();

  constructor(source: CoordinatorSource) {
    this.#source = source;
  }

  /** One attempt. */
  find(key: string, kind: CoordinatorKind, waiting: Waiting): Promise<Broker> {
    const id = idOf(key, kind);
    const known = this.#source.broker(this.#known.get(id) ?? -1);
    if (known) return Promise.resolve(known);
    const work = this.#flights.run(id, () => this.#ask(key, kind));
    return waitFor(work, waiting, () => this.#source.late(`FindCoordinator of ${key}`, waiting));
  }

  /** Asks once more, while what is known is used further. Never rejects. */
  async lookAgain(key: string, kind: CoordinatorKind): Promise<void> {
    await this.#flights.run(idOf(key, kind), () => this.#ask(key, kind)).catch(() => undefined);
  }

  forget(key: string, kind: CoordinatorKind): void {
    this.#known.delete(idOf(key, kind));
  }

  async #ask(key: string, kind: CoordinatorKind): Promise<Broker> {
    const response = await this.#source.ask({ keyType: kind, coordinatorKeys: [key] });
    const found = checked(response.coordinators[0], key);
    this.#known.set(idOf(key, kind), found.nodeId);
    return this.#source.learn(found);
  }
}

function checked(
  found: FindCoordinatorResponseCoordinator | undefined,
  key: string,
): FindCoordinatorResponseCoordinator {
  const errorCode = found ? found.errorCode : -1;
  const message = found?.errorMessage ?? null;
  if (!found || errorCode !== 0) throw brokerError(errorCode, 'FindCoordinator', { subject: key, message });
  return found;
}

function idOf(key: string, kind: CoordinatorKind): string {
  return `${kind}:${key}`;
}
