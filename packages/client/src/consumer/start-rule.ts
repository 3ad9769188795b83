// Which offsets have to be looked up for a rule of where to start, and what follows from them.
import { Errors, SpecialTimestamp } from '@hopwire/protocol';
import type { FoundOffset } from '../cluster/list-offsets.ts';
import { brokerError, OffsetOutOfRangeError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import type { Kept, Start } from './place.ts';

export const EARLIEST: bigint = SpecialTimestamp.earliest;
export const LATEST: bigint = SpecialTimestamp.latest;

type Found = FoundOffset | Error | undefined;

/** What is asked for first. */
export function firstTimestamp(start: Start): bigint {
  if (start === 'earliest') return EARLIEST;
  if (typeof start === 'object' && 'timestampMs' in start) return BigInt(start.timestampMs);
  return LATEST;
}

/** Rules that need the other end of the log too; a time after which there is nothing means the end. null: none. */
export function secondTimestamp(start: Start, first: Found): bigint | null {
  if (first === undefined || first instanceof Error) return null;
  if (start === 'nearest' || isInRange(start) || isLast(start)) return EARLIEST;
  return first.offset < 0n ? LATEST : null;
}

/**
 * @param from the offset that was out of range
 * @returns where to go on, or why not
 */
export function decide(
  { start, from, where }: { start: Start; from: bigint | null; where: TopicPartition },
  first: Found,
  second: Found,
): FoundOffset | Error {
  if (first === undefined) return brokerError(Errors.UNKNOWN_TOPIC_OR_PARTITION, 'ListOffsets', where);
  if (first instanceof Error || second === undefined) return first;
  if (second instanceof Error) return second;
  if (isLast(start)) {
    const wanted = first.offset - BigInt(start.last);
    return { ...second, offset: wanted > second.offset ? wanted : second.offset, leaderEpoch: -1 };
  }
  if (start === 'nearest') return (from ?? 0n) < second.offset ? second : first;
  if (isInRange(start)) return inRange(where, start.inRange, second, first);
  return second;
}

/** The log has the offset after all (a new leader was behind), or the error says what it has. */
function inRange(where: TopicPartition, kept: Kept, start: FoundOffset, end: FoundOffset): FoundOffset | Error {
  const { offset: position } = kept;
  if (position >= start.offset && position <= end.offset) return { ...kept, timestamp: -1n };
  const range = { position, logStart: start.offset, logEnd: end.offset };
  return new OffsetOutOfRangeError(where.topic, where.partition, range);
}

function isInRange(start: Start): start is { inRange: Kept } {
  return typeof start === 'object' && 'inRange' in start;
}

function isLast(start: Start): start is { last: number } {
  return typeof start === 'object' && 'last' in start;
}
