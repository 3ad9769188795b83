// One Kafka object, out of which several producers and consumers come, and what it tells its observer.
import { createClient, type Kafka, type KafkaEvent, type Logger, type ResetEvent } from '@hopwire/client';
import type { TestBroker } from '@hopwire/test-broker';
import type { Checker } from '../checker/checker.ts';
import type { ReaderTrack } from '../checker/readers.ts';
import type { SimNetwork } from '../network/sim-network.ts';
import type { Plan } from '../plan.ts';
import type { Trace } from '../trace.ts';
import { UserError } from './user-error.ts';

/** What a client needs of the context. */
export interface ClientContext {
  readonly plan: Plan;
  readonly network: SimNetwork;
  readonly broker: TestBroker;
  readonly checker: Checker;
  readonly trace: Trace;
}

const SILENT: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export class SimClient {
  readonly kafka: Kafka;
  readonly name: string;
  readonly requestTimeoutMs: number;
  /** Readers that are open: a reset does not say whose it is. */
  readonly tracks: Set<ReaderTrack> = new Set();
  /** Ids of members that have left their group, or tried to. */
  readonly left: Set<string> = new Set();
  /** It has reached the cluster: before that, an address may be wrong, and nobody waits for long. */
  hasArrived = false;
  readonly #context: ClientContext;

  constructor(context: ClientContext, index: number) {
    const options = context.plan.clients[index] ?? {};
    this.#context = context;
    this.name = options.clientId ?? 'client';
    this.requestTimeoutMs = options.requestTimeoutMs ?? 30_000;
    this.kafka = createClient({
      ...options,
      brokers: context.broker.addresses(),
      openSocket: (address) => context.network.dial(this.name, address),
      onEvent: (event) => {
        this.#observe(event);
        if (options.clientId === context.plan.angry) throw new UserError('the observer');
      },
      logger: SILENT,
    });
  }

  #observe(event: KafkaEvent): void {
    if (event.type === 'metadata' && event.error === undefined) this.hasArrived = true;
    if (event.type === 'request' || event.type === 'connection' || event.type === 'metadata') return;
    if (event.type === 'reset') this.#reset(event);
    if (event.type === 'rebalance' && event.phase === 'left') this.left.add(event.memberId);
    if (event.type === 'batch' || event.type === 'end' || event.type === 'throttle') return;
    this.#context.trace.say(`${this.name} says ${JSON.stringify(event, plain)}`);
  }

  #reset(event: ResetEvent): void {
    if (event.reason === 'the log was cut') this.#context.checker.wasCut(event, event.from, this.name);
    const jump = { from: event.from === null ? null : Number(event.from), to: Number(event.to) };
    for (const track of this.tracks) track.jumped(event, jump);
    this.#context.checker.groups.clientMoves(event.topic, event.partition, jump.to);
  }
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Error ? value.message : value;
}
