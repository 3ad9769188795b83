// What a consumer reads: the topics it chose, and the partitions that are its own at the moment.
import { Errors } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import type { MetadataSnapshot, TopicMetadata } from '../cluster/metadata.ts';
import { brokerError } from '../errors.ts';
import type { TopicPartition, TopicPartitionOffset } from '../types.ts';
import { Partition, type Start } from './partition.ts';

/** The partitions that are ours now. */
export class Assignment implements Iterable<Partition> {
  readonly #partitions = new Map<string, Partition>();

  get size(): number {
    return this.#partitions.size;
  }

  [Symbol.iterator](): Iterator<Partition> {
    return this.#partitions.values();
  }

  get(where: TopicPartition): Partition | undefined {
    return this.#partitions.get(keyOf(where));
  }

  /** @throws {RangeError} when it is not ours */
  require(where: TopicPartition): Partition {
    const partition = this.get(where);
    if (partition) return partition;
    throw new RangeError(`${where.topic}[${where.partition}] is not assigned to this consumer; see assignment()`);
  }

  add(where: TopicPartition, start: Start): Partition {
    const partition = new Partition(where, start);
    this.#partitions.set(keyOf(where), partition);
    return partition;
  }

  /** Taken away; what is buffered of it is dropped. */
  remove(where: TopicPartition): void {
    this.get(where)?.remove();
    this.#partitions.delete(keyOf(where));
  }

  list(): TopicPartition[] {
    return [...this].map(({ topic, partition }) => ({ topic, partition }));
  }

  unplaced(): Partition[] {
    return [...this].filter((partition) => partition.place.name === 'unplaced');
  }

  /** The done prefixes that were not committed yet. */
  uncommitted(): TopicPartitionOffset[] {
    return [...this].flatMap((partition) => partition.uncommitted() ?? []);
  }

  bufferedBytes(): number {
    let bytes = 0;
    for (const partition of this) bytes += partition.bufferedBytes;
    return bytes;
  }
}

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** What a look at the cluster found of the chosen topics. */
export interface ChosenTopics {
  /** Partition count of each topic that exists. */
  readonly counts: ReadonlyMap<string, number>;
  /** Asked for by name, and not there (yet). */
  readonly missing: readonly string[];
}

/** Names and patterns. */
export class TopicChoice {
  readonly #cluster: Cluster;
  readonly #names: readonly string[];
  readonly #patterns: readonly RegExp[];
  readonly #onMissing: 'wait' | 'throw';

  constructor(cluster: Cluster, topics: readonly (string | RegExp)[], onMissing: 'wait' | 'throw') {
    this.#cluster = cluster;
    this.#names = topics.filter((topic) => typeof topic === 'string');
    this.#patterns = topics.filter((topic) => topic instanceof RegExp);
    this.#onMissing = onMissing;
  }

  /** @throws {BrokerError} for a topic we may not read, or (onMissing 'throw') that does not exist */
  async look(signal: AbortSignal): Promise<ChosenTopics> {
    const names = new Set(this.#names);
    if (this.#patterns.length > 0) for (const name of this.#matching(await this.#cluster.allTopics({ signal }))) names.add(name);
    const { topics } = await this.#cluster.metadataFor([...names], { signal });
    const counts = new Map<string, number>();
    const missing: string[] = [];
    for (const name of names) {
      const topic = topics.get(name);
      this.#refuse(name, topic);
      if (topic && topic.partitions.size > 0) counts.set(name, topic.partitions.size);
      else missing.push(name);
    }
    return { counts, missing };
  }

  #refuse(name: string, topic: TopicMetadata | undefined): void {
    const code = topic?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION;
    const isFatal =
      code === Errors.TOPIC_AUTHORIZATION_FAILED ||
      code === Errors.INVALID_TOPIC_EXCEPTION ||
      (code === Errors.UNKNOWN_TOPIC_OR_PARTITION && this.#onMissing === 'throw');
    if (isFatal) throw brokerError(code, 'Metadata', { topic: name });
  }

  #matching({ topics }: MetadataSnapshot): string[] {
    const visible = [...topics.values()].filter((topic) => !topic.isInternal && topic.errorCode === 0);
    // search() ignores lastIndex, which a pattern with the flag g would carry from name to name.
    return visible.map(({ name }) => name).filter((name) => this.#patterns.some((pattern) => name.search(pattern) >= 0));
  }
}

/** Is there anything new for those who read these topics? */
export function sameCounts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([topic, count]) => b.get(topic) === count);
}
