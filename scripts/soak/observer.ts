// Watches the cluster from outside: asks each broker past its proxy, twenty times a second, who leads what.
import { setTimeout as delay } from 'node:timers/promises';
import { Errors, FindCoordinator, Metadata, type MetadataResponse, ZERO_UUID } from '@hopwire/protocol';
import { type ClusterNode, Conversation, type KafkaCluster, TargetError } from '@hopwire/test-broker/harness';
import { Availability } from './availability.ts';
import { now } from './clock.ts';
import { TOPICS } from './workload.ts';

const POLL_MS = 50;
const TICK_MS = 20;
/** Longer silence than this, and the broker counts as one that does not answer. */
const SILENCE_MS = 1000;
const COPIES = 3;
const POLL_VERSION = 12;
const OFFSETS_TOPIC = '__consumer_offsets';

const question = {
  topics: [...TOPICS.map(({ topic }) => topic), OFFSETS_TOPIC].map((name) => ({ topicId: ZERO_UUID, name })),
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};

/** What one broker said last. */
interface View {
  readonly at: number;
  readonly metadata: MetadataResponse;
}

export class Observer {
  readonly availability: Availability = new Availability();
  readonly #cluster: KafkaCluster;
  readonly #views = new Map<number, View>();
  readonly #end = new AbortController();
  readonly #ticking: NodeJS.Timeout;

  constructor(cluster: KafkaCluster) {
    this.#cluster = cluster;
    this.#ticking = setInterval(() => this.look(), TICK_MS);
    for (const node of cluster.nodes) void this.#watch(node);
  }

  /** Takes note of who can be reached now: to be called when that has just been changed. */
  look(): void {
    const open = this.#cluster.nodes.filter(({ state, proxy }) => state === 'running' && proxy.mode === 'pass');
    const ids = open.map(({ id }) => id);
    this.availability.reach(ids, now());
  }

  /** Every broker runs, is reached, and says that all are there with all copies in step. */
  get isHealthy(): boolean {
    const since = now() - SILENCE_MS;
    return this.#cluster.nodes.every(({ id, state, proxy }) => {
      const view = this.#views.get(id);
      return state === 'running' && proxy.mode === 'pass' && view !== undefined && view.at > since && isWhole(view);
    });
  }

  /** @throws {Error} when it is not so within the time */
  async untilHealthy(timeoutMs: number): Promise<void> {
    const end = now() + timeoutMs;
    while (!this.isHealthy) {
      if (now() > end) throw new Error(`the cluster was not whole again after ${timeoutMs} ms: the soak cannot go on`);
      await delay(POLL_MS);
    }
  }

  /** The broker that coordinates a group. */
  async coordinatorOf(groupId: string): Promise<number> {
    for (const { directAddress } of this.#cluster.nodes) {
      await using conversation = Conversation.open(directAddress, SILENCE_MS);
      const { body } = await conversation.ask(FindCoordinator, 4, { coordinatorKeys: [groupId], keyType: 0 });
      const [found] = body.coordinators;
      if (found && found.errorCode === Errors.NONE) return found.nodeId;
    }
    throw new Error(`group ${groupId} has no coordinator`);
  }

  stop(): void {
    clearInterval(this.#ticking);
    this.#end.abort();
  }

  /** One broker after the other would let a frozen one hold up the rest. */
  async #watch(node: ClusterNode): Promise<void> {
    while (!this.#end.signal.aborted) {
      if (node.state === 'running') await this.#converse(node);
      await this.#pause();
    }
  }

  async #converse({ id, directAddress }: ClusterNode): Promise<void> {
    await using conversation = Conversation.open(directAddress, SILENCE_MS);
    try {
      while (!this.#end.signal.aborted) {
        const askedAt = now();
        const { body } = await conversation.ask(Metadata, POLL_VERSION, question);
        this.#views.set(id, { at: now(), metadata: body });
        this.#compare(body, askedAt, id);
        await this.#pause();
      }
    } catch (error) {
      // It was killed, or is frozen: the next round begins a new conversation.
      if (!(error instanceof TargetError)) throw error;
    }
  }

  #compare({ topics }: MetadataResponse, askedAt: number, by: number): void {
    for (const { name, partitions } of topics) {
      if (name === null || name === OFFSETS_TOPIC) continue;
      for (const { partitionIndex: partition, leaderId, leaderEpoch, isrNodes } of partitions) {
        this.availability.seen({ topic: name, partition, leaderId, leaderEpoch, inSync: isrNodes }, askedAt, by);
      }
    }
  }

  #pause(): Promise<unknown> {
    return delay(POLL_MS, undefined, { signal: this.#end.signal }).catch(() => undefined);
  }
}

function isWhole({ metadata: { brokers, topics } }: View): boolean {
  const partitions = topics.flatMap((topic) => topic.partitions);
  const thin = partitions.some(({ leaderId, isrNodes }) => leaderId < 0 || isrNodes.length < COPIES);
  return brokers.length === COPIES && topics.every(({ errorCode }) => errorCode === Errors.NONE) && !thin;
}
