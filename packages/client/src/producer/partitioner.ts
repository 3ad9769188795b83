// Which partition a record goes to: explicit, own function, murmur2 of the key as in Java, or uniform sticky (KIP-794).
import { murmur2 } from '@hopwire/protocol';
import type { Partitioner, PartitionerInfo } from '../options.ts';
import { clock } from '../util/clock.ts';
import { kindOf } from '../util/kind-of.ts';

/** After this many bytes keyless records go on to another partition. */
const STICKY_BYTES = 64 * 1024;

/** Java's `BuiltInPartitioner.partitionForKey`: the same keys go to the same partitions from every language. */
export function partitionForKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** Keyless records of one topic: a partition is kept for 64 KiB, then another one is drawn (KIP-794). */
export class StickyPartition {
  readonly #random: () => number;
  #partition = -1;
  #bytes = 0;

  constructor(random: () => number = () => clock.random()) {
    this.#random = random;
  }

  /**
   * @param bytes size of the record that goes there
   * @param available partitions with a leader; empty: all of them are without, any will do
   */
  next(bytes: number, partitions: number, available: readonly number[]): number {
    if (this.#bytes >= STICKY_BYTES || this.#partition < 0 || this.#partition >= partitions) {
      this.#partition = this.#draw(partitions, available);
      this.#bytes = 0;
    }
    this.#bytes += bytes;
    return this.#partition;
  }

  /** The partition lost its leader: the next record goes elsewhere. */
  leave(): void {
    this.#bytes = STICKY_BYTES;
  }

  get partition(): number {
    return this.#partition;
  }

  /** Never the same one twice in a row while there is another. */
  #draw(partitions: number, available: readonly number[]): number {
    const count = available.length || partitions;
    const at = Math.floor(this.#random() * count);
    const drawn = available[at] ?? at;
    if (drawn !== this.#partition || count === 1) return drawn;
    const next = (at + 1) % count;
    return available[next] ?? next;
  }
}

/** Asks an own partitioner. @throws {TypeError | RangeError} when what it says is not a partition, and what it throws */
export function askPartitioner(partitioner: Partitioner, info: PartitionerInfo): number {
  const chosen: unknown = partitioner(info);
  if (typeof chosen !== 'number') {
    // A promise of it comes too late; what it rejects with must not end the process.
    if (chosen instanceof Promise) chosen.catch(() => undefined);
    throw new TypeError(`${info.topic}: the partitioner must return a number at once, not ${kindOf(chosen)}`);
  }
  if (Number.isInteger(chosen) && chosen >= 0 && chosen < info.partitions) return chosen;
  const known = `the topic has 0 to ${info.partitions - 1}`;
  throw new RangeError(`${info.topic}: the partitioner says partition ${chosen}, ${known}`);
}
