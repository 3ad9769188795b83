// The partitions that are a consumer's own at the moment.
import type { TopicPartition } from '../types.ts';
import { checkPartition } from '../util/check-positions.ts';
import { keyOf, Partition } from './partition.ts';
import type { Start } from './place.ts';

/** @throws {RangeError} when the partition is given back: nothing that is sought in it would be committed */
export function checkStays({ topic, partition, isRemoved, isLeaving }: Partition): void {
  if (!isRemoved && !isLeaving) return;
  throw new RangeError(`${topic}[${partition}] was taken away, or assigned anew, before it could be sought`);
}

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

  /** @throws {RangeError} when it is not ours; {TypeError} when it can be none. @param name of it, for the message */
  require(where: TopicPartition, name: string): Partition {
    checkPartition(name, where);
    const partition = this.get(where);
    if (partition) return partition;
    throw new RangeError(`${where.topic}[${where.partition}] is not assigned to this consumer; see assignment()`);
  }

  add(where: TopicPartition, start: Start): Partition {
    const partition = new Partition(where, start);
    this.#partitions.get(partition.key)?.remove();
    this.#partitions.set(keyOf(where), partition);
    return partition;
  }

  /** Taken away; what is buffered of it is dropped. If it was assigned anew meanwhile, the new one stays. */
  remove(partition: Partition): void {
    partition.remove();
    if (this.#partitions.get(partition.key) === partition) this.#partitions.delete(partition.key);
  }

  list(): TopicPartition[] {
    return [...this].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Those of these that are ours. */
  all(where: Iterable<TopicPartition>): Partition[] {
    return [...where].flatMap((one) => this.get(one) ?? []);
  }

  unplaced(): Partition[] {
    return [...this].filter((partition) => partition.place.name === 'unplaced');
  }

  bufferedBytes(): number {
    let bytes = 0;
    for (const partition of this) bytes += partition.bufferedBytes;
    return bytes;
  }
}
