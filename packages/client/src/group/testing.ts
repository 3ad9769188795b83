// What the group's tests share: a consumer that only keeps a list of what it was told, and members made of it.
import type { TestBroker } from '@hopwire/test-broker';
import { Cluster } from '../cluster/cluster.ts';
import type { KafkaEvent, RebalanceEvent } from '../events.ts';
import { type ConsumerOptions, type KafkaOptions, resolveConsumerOptions, resolveKafkaOptions } from '../options.ts';
import type { TopicPartition } from '../types.ts';
import { Deadline } from '../util/timers.ts';
import { Committer } from './committer.ts';
import { Coordinator } from './coordinator.ts';
import { membershipFor } from './join.ts';
import type { AssignmentHandler, Membership } from './membership.ts';

export type Hook = (partitions: readonly TopicPartition[], enough: AbortSignal) => Promise<void> | void;

/** Resolves never: a hook or a body that hangs. */
export function never(): Promise<void> {
  return new Promise(() => undefined);
}

/** The moment when something that is looked at again and again becomes true. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** What a hook that hangs does until it is told that it is enough: as the consumer does. */
export function untilEnough(enough: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (enough.aborted) resolve();
    else enough.addEventListener('abort', () => resolve(), { once: true });
  });
}

export class FakeHandler implements AssignmentHandler {
  /** `assigned t0 t1`, `revoked ...`, `lost ...`, in order. */
  readonly told: string[] = [];
  readonly owned: Set<string> = new Set();
  readonly fatal: Error[] = [];
  readonly topicErrors: Error[] = [];
  readonly news: Set<string> = new Set();
  onAssigned: Hook = () => undefined;
  onRevoked: Hook = () => undefined;
  onLost: Hook = () => undefined;
  #body: { readonly what: object; readonly ended: Promise<void>; readonly end: () => void } | null = null;

  /** The loop's body works until the function returned is called. */
  work(): () => void {
    let release = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      release = resolve;
    });
    const end = (): void => {
      this.#body = null;
      release();
    };
    this.#body = { what: {}, ended, end };
    return end;
  }

  assigned(
    added: readonly TopicPartition[],
    enough: AbortSignal,
    isNew: (where: TopicPartition) => boolean,
  ): Promise<void> {
    for (const one of added) {
      this.owned.add(nameOf(one));
      if (isNew(one)) this.news.add(nameOf(one));
    }
    return this.#tell('assigned', added, () => this.onAssigned(added, enough));
  }

  revoked(partitions: readonly TopicPartition[], enough: AbortSignal): Promise<void> {
    return this.#tell('revoked', partitions, async () => {
      await Promise.race([this.#body?.ended, untilEnough(enough)]);
      await Promise.race([this.onRevoked(partitions, enough), untilEnough(enough)]);
      for (const one of partitions) this.owned.delete(nameOf(one));
    });
  }

  lost(partitions: readonly TopicPartition[], enough: AbortSignal): Promise<void> {
    for (const one of partitions) this.owned.delete(nameOf(one));
    return this.#tell('lost', partitions, () => this.onLost(partitions, enough));
  }

  doubted(): void {
    this.told.push('doubted');
  }

  proven(): void {
    this.told.push('proven');
  }

  inBody(): object | null {
    return this.#body?.what ?? null;
  }

  userCodeEnded(): Promise<void> {
    return this.#body?.ended ?? Promise.resolve();
  }

  onFatal(error: Error): void {
    this.fatal.push(error);
  }

  onTopicError(error: Error): void {
    this.topicErrors.push(error);
  }

  async #tell(what: string, partitions: readonly TopicPartition[], hook: () => Promise<void> | void): Promise<void> {
    this.told.push([what, ...partitions.map(nameOf)].join(' '));
    await hook();
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}${partition}`;
}

export interface MemberOptions extends ConsumerOptions {
  readonly client?: Partial<KafkaOptions>;
  /** A client to share with others. */
  readonly cluster?: Cluster;
  readonly id?: string;
}

/** One member, or one reader without a group, and what is seen of it. */
export class Member implements AsyncDisposable {
  readonly handler: FakeHandler = new FakeHandler();
  readonly events: KafkaEvent[] = [];
  readonly logged: string[] = [];
  readonly cluster: Cluster;
  readonly coordinator: Coordinator | null;
  readonly membership: Membership;
  readonly #isShared: boolean;

  constructor(broker: TestBroker, { client = {}, cluster, id = 'a', ...consumer }: MemberOptions = {}) {
    this.#isShared = cluster !== undefined;
    this.cluster = cluster ?? this.#newCluster(broker, id, client);
    const options = resolveConsumerOptions({
      groupId: 'g',
      topics: ['t'],
      heartbeatIntervalMs: 20,
      sessionTimeoutMs: 2_000,
      ...consumer,
    });
    const { groupId, topics } = options;
    this.coordinator = groupId === undefined ? null : new Coordinator(this.cluster, groupId);
    this.membership = membershipFor(this.cluster, this.coordinator, topics, options, this.handler);
  }

  /** Started, and told of its first partitions. */
  static async joined(broker: TestBroker, options: MemberOptions = {}): Promise<Member> {
    const member = new Member(broker, options);
    member.membership.start();
    await until(() => member.handler.told.length > 0);
    return member;
  }

  get told(): string[] {
    return this.handler.told;
  }

  get owned(): number {
    return this.handler.owned.size;
  }

  /** Phases of the group, in order. */
  get phases(): string[] {
    return this.events.filter((event): event is RebalanceEvent => event.type === 'rebalance').map(({ phase }) => phase);
  }

  committer(): Committer {
    if (this.coordinator === null) throw new TypeError('no group');
    return new Committer(this.cluster, this.coordinator, { member: () => this.membership.identity, isStable: true });
  }

  /** @returns how many milliseconds it took */
  async close(timeoutMs = 2_000): Promise<number> {
    const deadline = new Deadline(timeoutMs);
    await this.membership.close(deadline);
    const { elapsedMs } = deadline;
    this.coordinator?.release();
    return elapsedMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(200);
    if (!this.#isShared) this.cluster.close();
  }

  #newCluster(broker: TestBroker, clientId: string, client: Partial<KafkaOptions>): Cluster {
    const note = (message: string): void => void this.logged.push(message);
    const options = {
      brokers: broker.addresses(),
      clientId,
      retryBackoffMs: 10,
      retryBackoffMaxMs: 100,
      onEvent: (event: KafkaEvent) => void this.events.push(event),
      logger: { debug: () => undefined, info: () => undefined, warn: note, error: note },
      ...client,
    };
    return new Cluster(resolveKafkaOptions(options));
  }
}
