// State of the cluster: nodes, topics with ids, leaders and epochs, coordinators, producer ids. All of it in memory.
import { Access, type AccessOptions } from './access.ts';
import { MOST_PARTITIONS } from './bounds.ts';
import { clock } from './clock.ts';
import { FetchSessions } from './fetch-sessions.ts';
import { Groups } from './groups.ts';
import { ProducerIds } from './producer-ids.ts';
import type { Append } from './stored.ts';
import { type Partition, Topic } from './topic.ts';

const MOST_REPLICAS = 3;

/** One broker of the cluster. */
export interface BrokerNode {
  readonly id: number;
  readonly host: string;
  /** Port of each listener by its name; filled when the node listens. */
  readonly ports: Map<string, number>;
  readonly fetchSessions: FetchSessions;
  /** Its process runs. */
  isUp: boolean;
  /** The cluster has given it up, though it may still run: it leads and coordinates nothing. */
  isFenced: boolean;
}

export interface ClusterOptions extends AccessOptions {
  readonly brokers: number;
  readonly host: string;
  readonly autoCreateTopics: boolean;
  readonly defaultPartitions: number;
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
}

/** What the handlers ask and change. */
export class Cluster {
  readonly id: string = clock.randomBytes(16).toString('base64url');
  readonly nodes: readonly BrokerNode[];
  readonly options: ClusterOptions;
  readonly groups: Groups;
  readonly access: Access;
  readonly producerIds: ProducerIds = new ProducerIds();
  /** Told of every batch that is stored. */
  onAppend: ((append: Append) => void) | null = null;
  readonly #topics = new Map<string, Topic>();
  readonly #topicsById = new Map<string, Topic>();
  #partitions = 0;
  readonly #movedCoordinators = new Map<string, number>();

  constructor(options: ClusterOptions) {
    this.options = options;
    this.groups = new Groups(options);
    this.access = new Access(options);
    this.nodes = Array.from({ length: options.brokers }, (_, index) => ({
      id: index + 1,
      host: options.host,
      ports: new Map<string, number>(),
      fetchSessions: new FetchSessions(),
      isUp: false,
      isFenced: false,
    }));
  }

  get liveNodes(): readonly BrokerNode[] {
    return this.nodes.filter(isLive);
  }

  get controllerId(): number {
    return this.liveNodes[0]?.id ?? -1;
  }

  get defaultReplication(): number {
    return Math.min(MOST_REPLICAS, this.nodes.length);
  }

  get topics(): Iterable<Topic> {
    return this.#topics.values();
  }

  node(id: number): BrokerNode | undefined {
    return this.nodes.find((node) => node.id === id);
  }

  /** Does the cluster count on this node? */
  isLive(id: number): boolean {
    const node = this.node(id);
    return node !== undefined && isLive(node);
  }

  topic(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  topicById(id: string): Topic | undefined {
    return this.#topicsById.get(id);
  }

  partition(topic: string, index: number): Partition | undefined {
    return this.#topics.get(topic)?.partitions[index];
  }

  createTopic(
    name: string,
    partitions: number,
    options: { replication?: number; configs?: ReadonlyMap<string, string | null> } = {},
  ): Topic {
    const replicas = this.replicasFor(partitions, options.replication ?? this.defaultReplication);
    return this.addTopic(new Topic(name, replicas, options.configs ?? new Map()));
  }

  /** Spreads partitions over the nodes: the first replica is the leader. */
  replicasFor(partitions: number, replication: number): number[][] {
    const nodeAt = (index: number): number => this.nodes[index % this.nodes.length]?.id ?? -1;
    return Array.from({ length: partitions }, (_, p) => Array.from({ length: replication }, (__, r) => nodeAt(p + r)));
  }

  /** Is there room for so many partitions more? */
  hasRoomFor(partitions: number): boolean {
    return this.#partitions + partitions <= MOST_PARTITIONS;
  }

  addTopic(topic: Topic): Topic {
    this.deleteTopic(topic.name);
    this.#topics.set(topic.name, topic);
    this.#topicsById.set(topic.id, topic);
    this.#partitions += topic.partitions.length;
    return topic;
  }

  /** More partitions for a topic, up to `count`. */
  growTopic(topic: Topic, count: number, assignments?: readonly (readonly number[])[]): void {
    const replication = topic.partitions[0]?.replicas.length ?? this.defaultReplication;
    const replicas = this.replicasFor(count, replication);
    const had = topic.partitions.length;
    topic.grow(replicas.map((spread, index) => assignments?.[index - had] ?? spread));
    this.#partitions += topic.partitions.length - had;
  }

  deleteTopic(name: string): void {
    const topic = this.#topics.get(name);
    if (!topic) return;
    this.#topics.delete(name);
    this.#topicsById.delete(topic.id);
    this.#partitions -= topic.partitions.length;
  }

  /** Stores a checked batch; the offset of its first record comes back. */
  append(partition: Partition, batch: Buffer, appendTime: number | null = null): bigint {
    const baseOffset = partition.log.append(batch, partition.leaderEpoch, appendTime);
    const { topic, index } = partition;
    this.onAppend?.({ topic: topic.name, topicId: topic.id, partition: index, baseOffset, batch });
    return baseOffset;
  }

  /** The live node that coordinates a group (type 0) or a transactional id (type 1). */
  coordinatorOf(key: string, type: number): BrokerNode | undefined {
    const moved = this.node(this.#movedCoordinators.get(`${type}:${key}`) ?? -1);
    if (moved && isLive(moved)) return moved;
    const first = sumOf(key);
    for (let i = 0; i < this.nodes.length; i++) {
      const node = this.nodes[(first + i) % this.nodes.length];
      if (node && isLive(node)) return node;
    }
    return undefined;
  }

  moveCoordinator(key: string, type: number, nodeId: number): void {
    this.changeNodes(() => this.#movedCoordinators.set(`${type}:${key}`, nodeId));
  }

  /**
   * Nodes come and go. A group whose coordinator is another one afterwards is loaded there: requests that wait at the
   * old one are refused, sessions begin anew, an unfinished rebalance begins again.
   */
  changeNodes(change: () => void): void {
    const before = this.groups.all().map((group) => [group, this.coordinatorOf(group.id, 0)] as const);
    change();
    for (const [group, coordinator] of before) {
      if (this.coordinatorOf(group.id, 0) === coordinator) continue;
      group.suspend();
      group.resume();
    }
  }

  /** Gives the partitions of a node that went down to their next live replica. */
  electAwayFrom(nodeId: number): void {
    for (const partition of this.#allPartitions()) {
      if (partition.leaderId !== nodeId) continue;
      partition.moveTo(partition.replicas.find((id) => id !== nodeId && this.isLive(id)) ?? -1);
    }
  }

  /** Partitions without leader get one again when a replica comes up. */
  electLeaders(): void {
    for (const partition of this.#allPartitions()) {
      if (partition.leaderId !== -1) continue;
      const next = partition.replicas.find((id) => this.isLive(id));
      if (next === undefined) continue;
      partition.moveTo(next);
      // All its replicas were down, so the one that leads it now was started again.
      partition.producers.forgetOlder();
    }
  }

  /** All nodes stop: what they know of producers when they are started again is what their snapshots hold. */
  forgetOlderBatches(): void {
    for (const partition of this.#allPartitions()) partition.producers.forgetOlder();
  }

  *#allPartitions(): Iterable<Partition> {
    for (const topic of this.#topics.values()) yield* topic.partitions;
  }
}

function isLive(node: BrokerNode): boolean {
  return node.isUp && !node.isFenced;
}

function sumOf(text: string): number {
  let sum = 0;
  for (const byte of Buffer.from(text)) sum = (31 * sum + byte) % 0x7fffffff;
  return sum;
}
