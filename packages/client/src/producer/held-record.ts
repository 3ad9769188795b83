// A record that has no batch yet: there is no room, its topic is not known yet, or not its partition.
import type { HeaderInput, RecordBytes } from '@hopwire/protocol';
import { DeliveryError, isRetriable, TimeoutError } from '../errors.ts';
import type { Delivery } from './delivery.ts';
import type { Link } from './line.ts';
import type { Place } from './memory.ts';
import type { Unit } from './outstanding.ts';
import type { TakenRecord } from './partition-queue.ts';
import type { CheckedRecord } from './record.ts';
import { copiesOf, copyOf } from './record-bytes.ts';

/** Of a record that has not left. */
export const NOT_WAITED_FOR = 'the caller does not wait any longer';

/** Owns its bytes: the caller may use its own again at once. */
export class HeldRecord implements Unit, TakenRecord {
  readonly topic: string;
  readonly partition: number | null;
  readonly key: RecordBytes;
  readonly keyBytes: Buffer | null;
  readonly value: RecordBytes;
  readonly headers: readonly HeaderInput[];
  readonly timestampMs: number;
  readonly takenAtMs: number;
  readonly bytes: number;
  /** null: nobody waits for it. */
  readonly delivery: Delivery | null;
  readonly index: number;
  readonly deadlineMs: number;
  readonly dueMs: number;
  /** When it was taken, of the clock. */
  readonly sinceMs: number;
  ticket = 0;
  place: Link<Unit> | null = null;
  /** In the line for room, or among its topic's records. */
  waitsIn: Place | null = null;
  /** Its memory is reserved. */
  isAdmitted = false;
  /** It has its batch, or was told why not. */
  isSettled = false;

  constructor(
    record: CheckedRecord,
    whose: { delivery: Delivery | null; index: number },
    times: { deadlineMs: number; sinceMs: number },
  ) {
    this.topic = record.topic;
    this.partition = record.partition;
    this.key = copyOf(record.key);
    this.keyBytes = keyBytesOf(this.key, record.keyBytes);
    this.value = copyOf(record.value);
    this.headers = copiesOf(record.headers);
    this.timestampMs = record.timestampMs;
    this.takenAtMs = record.takenAtMs;
    this.bytes = record.bytes;
    this.delivery = whose.delivery;
    this.index = whose.index;
    this.deadlineMs = times.deadlineMs;
    this.dueMs = times.deadlineMs;
    this.sinceMs = times.sinceMs;
  }
}

function keyBytesOf(key: RecordBytes, ofText: Buffer | null): Buffer | null {
  return Buffer.isBuffer(key) ? key : ofText;
}

/** What a held record's caller is told: a refused login as it is, all else by what it means for the record. */
export function undeliverable(held: HeldRecord, reason: Error | undefined, why?: string): Error {
  if (reason && 'code' in reason && reason.code === 'AUTHENTICATION') return reason;
  const place = { topic: held.topic, partition: held.partition ?? -1, attempts: 0, outcome: 'no' as const };
  const text = [why, reason?.message].filter((part) => part !== undefined).join(': ') || 'no reason known';
  return new DeliveryError(text, place, { retriable: isRetriable(reason), ...(reason && { cause: reason }) });
}

/** It ran out of time: with what stood in its way, if that is known. */
export function tooLate(held: HeldRecord, reason: Error | undefined, why: string, afterMs: number): Error {
  if (reason) return undeliverable(held, reason, why);
  return undeliverable(held, new TimeoutError('its delivery', afterMs), why);
}
