/**
 * ConsumerProtocolSubscription v0-3: what a member of a classic group tells the leader, inside JoinGroup.
 *
 *   v1  owned_partitions: cooperative rebalancing (KIP-429)
 *   v2  generation_id: how old that ownership is (KIP-792)
 *   v3  rack_id (KIP-881)
 */
import { asBuffer } from '../wire/as-buffer.ts';
import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';
import {
  type ConsumerTopicPartitions,
  decodeTopicPartitions,
  decodeVersion,
  encodeTopicPartitions,
} from './topic-partitions.ts';

const NEWEST = 3;

/** What a member wants to read, and what it owns already. */
export interface ConsumerSubscription {
  /** When decoding: at most the newest known here. */
  version: number;
  topics: string[];
  userData: Buffer | null;
  ownedPartitions: ConsumerTopicPartitions[]; // v1+; ignorable
  generationId: number; // v2+; -1: unknown; ignorable
  rackId: string | null; // v3+; ignorable
}

/**
 * The bytes that a member gives the leader. What the version lacks is left out.
 *
 * @throws {RangeError} when the version is not 0 to 3
 * @example encodeSubscription({ version: 1, topics, userData: null, ownedPartitions: [], generationId: -1, rackId: null })
 */
export function encodeSubscription(subscription: ConsumerSubscription): Buffer {
  const v = subscription.version;
  if (!(v >= 0 && v <= NEWEST)) throw new RangeError(`version of a consumer subscription: 0 to ${NEWEST}, not ${v}`);
  const w = new Writer();
  w.int16(v);
  w.array(subscription.topics, (topic) => w.string(topic));
  w.nullableBytes(subscription.userData);
  if (v >= 1) encodeTopicPartitions(w, subscription.ownedPartitions);
  if (v >= 2) w.int32(subscription.generationId);
  if (v >= 3) w.nullableString(subscription.rackId);
  return w.toBuffer();
}

/**
 * Reads the bytes that JoinGroup brings to the leader of each member.
 *
 * Tolerates the end of the bytes before any of the later fields (sarama-cluster and kafkajs write version 1 without
 * owned partitions), and whatever follows the known ones.
 *
 * @throws {ProtocolError} when they are not a subscription
 * @example decodeSubscription(member.metadata).topics
 */
export function decodeSubscription(bytes: Uint8Array): ConsumerSubscription {
  const r = new Reader(asBuffer(bytes));
  const version = decodeVersion(r, NEWEST);
  const has = (since: number): boolean => version >= since && r.remaining > 0;
  return {
    version,
    topics: r.array(() => r.string()),
    userData: r.nullableBytes(),
    ownedPartitions: has(1) ? decodeTopicPartitions(r) : [],
    generationId: has(2) ? r.int32() : -1,
    rackId: has(3) ? r.nullableString() : null,
  };
}
