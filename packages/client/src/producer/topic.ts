// One topic that is produced to: what is known of its partitions, and the records that wait for that.
import { Errors, ZERO_UUID } from '@hopwire/protocol';
import type { MetadataSnapshot, TopicMetadata } from '../cluster/metadata.ts';
import { type BrokerError, brokerError, isBrokerError, isKafkaError } from '../errors.ts';
import type { Logger } from '../events.ts';
import type { Partitioner } from '../options.ts';
import { Complaint } from '../util/complaint.ts';
import type { HeldRecord } from './held-record.ts';
import { Line } from './line.ts';
import { askPartitioner, partitionForKey, StickyPartition } from './partitioner.ts';

/** What a broker says of a topic and will still say tomorrow. All else passes: KoP says -1 while it shuts down. */
const FINAL: ReadonlySet<number> = new Set([Errors.TOPIC_AUTHORIZATION_FAILED, Errors.INVALID_TOPIC_EXCEPTION]);
/** What it says of the caller. */
const REFUSALS: ReadonlySet<number> = new Set([...FINAL, Errors.CLUSTER_AUTHORIZATION_FAILED]);

/** A topic that is being created is there by then. */
const NEW_TOPIC_MS = 1_000;

/** The record names a partition that the topic does not have, as far as is known. */
export const BEYOND = -1;

export class ProducedTopic {
  readonly name: string;
  /** Records from before the topic was known, in order. */
  readonly held: Line<HeldRecord> = new Line();
  /** Records for partitions that are not known (yet). */
  readonly beyond: Line<HeldRecord> = new Line();
  metadata: TopicMetadata | null = null;
  /** Why records of it still wait. */
  lastError: Error | undefined = undefined;
  /** Was anything written to it since it was looked at last? */
  isUsed = true;
  /** That its records wait because it is not there. */
  readonly complaint: Complaint;
  readonly #sticky: StickyPartition = new StickyPartition();
  /** Partitions with a leader. */
  #available: readonly number[] = [];
  /** ZERO_UUID: none is known. */
  #topicId: string = ZERO_UUID;

  constructor(name: string, logger: Logger) {
    this.name = name;
    this.complaint = new Complaint(logger, `records of topic ${name} wait`, NEW_TOPIC_MS);
  }

  get isUsable(): boolean {
    return this.partitions > 0;
  }

  get partitions(): number {
    return this.metadata?.partitions.size ?? 0;
  }

  /** Does anything wait for news of it? */
  get isWanting(): boolean {
    return this.held.size > 0 || this.beyond.size > 0;
  }

  /**
   * A topic that is in trouble for a moment keeps its partitions: its batches wait for a leader.
   *
   * @returns was it deleted and made anew?
   */
  learn(metadata: TopicMetadata | undefined): boolean {
    if (!metadata) return false;
    const isLost = metadata.partitions.size === 0 && !FINAL.has(metadata.errorCode);
    this.metadata = isLost && this.metadata ? { ...this.metadata, errorCode: metadata.errorCode } : metadata;
    this.#available = [...this.metadata.partitions.values()].filter((p) => p.leaderId >= 0).map((p) => p.partition);
    if (!this.#available.includes(this.#sticky.partition)) this.#sticky.leave();
    return this.#isAnother(metadata.topicId);
  }

  /** Why it cannot be used, for good; null: that may pass. */
  get refusal(): BrokerError | null {
    const code = this.metadata?.errorCode ?? 0;
    return FINAL.has(code) ? brokerError(code, 'Metadata', { topic: this.name }) : null;
  }

  /** @returns where the record goes; `BEYOND`: nowhere, as far as is known */
  choose(record: Pick<HeldRecord, 'partition' | 'keyBytes' | 'bytes'>, partitioner: Partitioner | undefined): number {
    const { partitions } = this;
    if (record.partition !== null) return record.partition < partitions ? record.partition : BEYOND;
    const key = record.keyBytes;
    if (partitioner) return askPartitioner(partitioner, { topic: this.name, key, partitions });
    if (key) return partitionForKey(key, partitions);
    return this.#sticky.next(record.bytes, partitions, this.#available);
  }

  /** Why the record has no place in it, as far as is known. */
  lacks({ partition }: Pick<HeldRecord, 'partition'>): RangeError | undefined {
    if (!this.isUsable || partition === null || partition < this.partitions) return undefined;
    return new RangeError(
      `${this.name}: the record says partition ${partition}, the topic has 0 to ${this.partitions - 1}`,
    );
  }

  /** Why it is not known. */
  unavailable(): BrokerError {
    const code = this.metadata
      ? this.metadata.errorCode || Errors.LEADER_NOT_AVAILABLE
      : Errors.UNKNOWN_TOPIC_OR_PARTITION;
    return brokerError(code, 'Metadata', { topic: this.name });
  }

  #isAnother(topicId: string): boolean {
    if (topicId === ZERO_UUID) return false;
    const before = this.#topicId;
    this.#topicId = topicId;
    return before !== ZERO_UUID && before !== topicId;
  }
}

/** Why a partition of the snapshot has no leader. */
export function withoutLeader(
  snapshot: MetadataSnapshot,
  { topic, partition }: { topic: string; partition: number },
): BrokerError {
  const metadata = snapshot.topics.get(topic);
  const missing = goneFrom(metadata, { partition }) && Errors.UNKNOWN_TOPIC_OR_PARTITION;
  const code = metadata?.errorCode || missing || metadata?.partitions.get(partition)?.errorCode;
  return brokerError(code || Errors.LEADER_NOT_AVAILABLE, 'Metadata', { topic, partition });
}

/** Why a partition cannot be written to any more: the topic is there, and has fewer. null: it is there, or the topic is in trouble. */
export function goneFrom(metadata: TopicMetadata | undefined, { partition }: { partition: number }): RangeError | null {
  if (metadata?.errorCode !== 0 || metadata.partitions.size === 0 || metadata.partitions.has(partition)) return null;
  return new RangeError(`partition ${partition} is gone: the topic has 0 to ${metadata.partitions.size - 1}`);
}

/** Will it never be otherwise, whoever is asked? What user code threw (a dialer, credentials) may pass. */
export function isFinal(error: Error): boolean {
  return isBrokerError(error) ? REFUSALS.has(error.errorCode) : isKafkaError(error) && !error.retriable;
}
