/**
 * ConsumerProtocolAssignment v0-3: what the leader of a classic group gives a member, inside SyncGroup. All versions
 * are the same bytes; the number only keeps step with the subscription's.
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

/** Which partitions a member gets. */
export interface ConsumerAssignment {
  /** When decoding: at most the newest known here. */
  version: number;
  assignedPartitions: ConsumerTopicPartitions[];
  userData: Buffer | null;
}

/**
 * The bytes that the leader gives a member.
 *
 * @throws {RangeError} when the version is not 0 to 3
 * @example encodeAssignment({ version: 1, assignedPartitions: [{ topic: 'orders', partitions: [0, 1] }], userData: null })
 */
export function encodeAssignment(assignment: ConsumerAssignment): Buffer {
  const v = assignment.version;
  if (!(v >= 0 && v <= NEWEST)) throw new RangeError(`version of a consumer assignment: 0 to ${NEWEST}, not ${v}`);
  const w = new Writer();
  w.int16(v);
  encodeTopicPartitions(w, assignment.assignedPartitions);
  w.nullableBytes(assignment.userData);
  return w.toBuffer();
}

/**
 * Reads the bytes that SyncGroup brings to a member.
 *
 * Tolerates missing user data (pykafka writes none), and whatever follows it. No bytes at all, which is what a member
 * gets that the leader left out, are not an assignment: the caller knows that case from their length.
 *
 * @throws {ProtocolError} when they are not an assignment
 * @example decodeAssignment(response.assignment).assignedPartitions
 */
export function decodeAssignment(bytes: Uint8Array): ConsumerAssignment {
  const r = new Reader(asBuffer(bytes));
  return {
    version: decodeVersion(r, NEWEST),
    assignedPartitions: decodeTopicPartitions(r),
    userData: r.remaining > 0 ? r.nullableBytes() : null,
  };
}
