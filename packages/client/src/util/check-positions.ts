// Checks of the partitions and offsets that callers give: refused at once, by name, when they cannot be meant.
import type { PartitionStart, TopicPartition, TopicPartitionOffset } from '../types.ts';
import { checkCarried, given } from './check-options.ts';
import { kindOf } from './kind-of.ts';
import { nearName } from './near-name.ts';
import { checkTopic } from './topic-name.ts';

const LARGEST_OFFSET = 2n ** 63n - 1n;
const WORDS = ['earliest', 'latest', 'committed'];
const PLACE = ['topic', 'partition'];
const START = [...PLACE, 'offset'];
const OFFSET = [...START, 'leaderEpoch', 'metadata'];

/** @throws {TypeError | RangeError} */
export function checkStarts(what: string, partitions: readonly PartitionStart[]): void {
  const seen = new Set<string>();
  for (const [at, one] of listOf(what, partitions)) {
    checkOneStart(at, one);
    const name = `${one.topic}[${one.partition}]`;
    if (seen.has(name)) throw new TypeError(`${at}: ${name} is named twice`);
    seen.add(name);
  }
}

/** @throws {TypeError | RangeError} */
export function checkOneStart(at: string, one: PartitionStart): void {
  checkPartition(at, one, START);
  checkStart(`${at}.offset`, one.offset);
}

/** @throws {TypeError | RangeError} */
export function checkStart(name: string, offset: unknown): void {
  if (typeof offset === 'bigint') checkOffset(name, offset);
  else if (typeof offset === 'object' && offset !== null && 'timestampMs' in offset)
    checkTime(name, offset.timestampMs);
  else if (typeof offset !== 'string' || !WORDS.includes(offset)) {
    const expected = `a bigint, ${WORDS.map((word) => `'${word}'`).join(', ')} or { timestampMs }`;
    throw new TypeError(`${name} must be ${expected}, not ${given(offset)}${hintFor(offset)}`);
  }
}

/** @throws {TypeError | RangeError} */
export function checkOffsets(what: string, offsets: readonly TopicPartitionOffset[]): void {
  for (const [at, one] of listOf(what, offsets)) {
    checkPartition(at, one, OFFSET);
    const { offset, leaderEpoch, metadata } = one;
    if (typeof offset !== 'bigint')
      throw new TypeError(`${at}.offset must be a bigint, not ${given(offset)}${hintFor(offset)}`);
    checkOffset(`${at}.offset`, offset);
    checkEpoch(`${at}.leaderEpoch`, leaderEpoch);
    checkMetadata(`${at}.metadata`, metadata);
  }
}

/** @throws {TypeError | RangeError} */
export function checkPartitions(what: string, partitions: readonly TopicPartition[]): void {
  for (const [at, one] of listOf(what, partitions)) checkPartition(at, one);
}

/** @throws {TypeError} */
export function listOf<T>(what: string, list: readonly T[], of = 'partitions'): [at: string, item: T][] {
  if (!Array.isArray(list)) throw new TypeError(`${what} must be a list of ${of}, not ${kindOf(list)}`);
  // Holes are looked at too.
  return Array.from(list, (item: T, index): [string, T] => [`${what}[${index}]`, item]);
}

/**
 * What else an object has is not looked at (records and found offsets have more), but a name that is nearly one of ours is
 * a mistake.
 *
 * @throws {TypeError | RangeError}
 */
export function checkPartition(at: string, one: TopicPartition, known: readonly string[] = PLACE): void {
  if (typeof one !== 'object' || one === null)
    throw new TypeError(`${at} must be { ${known.slice(0, 3).join(', ')} }, not ${given(one)}`);
  refuseNear(at, one, known);
  const { topic, partition } = one;
  checkTopic(topic, `${at}.topic`);
  if (typeof partition !== 'number') throw new TypeError(`${at}.partition must be a number, not ${given(partition)}`);
  if (!Number.isInteger(partition) || partition < 0 || partition > 0x7fffffff) {
    throw new RangeError(`${at}.partition must be a whole number from 0, not ${partition}`);
  }
}

/** @throws {TypeError} */
export function refuseNear(at: string, one: object, known: readonly string[]): void {
  const missing = known.filter((name) => Reflect.get(one, name) === undefined);
  if (missing.length === 0) return;
  for (const field of Object.keys(one)) {
    const near = known.includes(field) ? undefined : nearName(field, missing);
    if (near !== undefined) throw new TypeError(`${at}.${field}: there is no such field (did you mean ${near}?)`);
  }
}

/** Of a committed offset; null and -1: unknown. */
function checkEpoch(name: string, epoch: unknown): void {
  if (epoch === undefined || epoch === null) return;
  if (typeof epoch !== 'number') throw new TypeError(`${name} must be a number, not ${given(epoch)}`);
  if (Number.isInteger(epoch) && epoch >= -1 && epoch <= 0x7fffffff) return;
  throw new RangeError(`${name} must be a whole number from 0, or -1, not ${epoch}`);
}

function checkMetadata(name: string, metadata: unknown): void {
  if (metadata === undefined || metadata === null) return;
  if (typeof metadata !== 'string') throw new TypeError(`${name} must be a string, not ${kindOf(metadata)}`);
  checkCarried(name, metadata);
}

function checkOffset(name: string, offset: bigint): void {
  if (offset >= 0n && offset <= LARGEST_OFFSET) return;
  throw new RangeError(`${name} must be from 0n to ${LARGEST_OFFSET}n, not ${offset}n`);
}

/** @throws {RangeError} */
export function checkTime(name: string, timestampMs: unknown): void {
  if (typeof timestampMs === 'number' && Number.isSafeInteger(timestampMs) && timestampMs >= 0) return;
  const hint = timestampMs instanceof Date ? '; give its getTime()' : '';
  throw new RangeError(`${name}.timestampMs must be whole milliseconds since 1970, not ${given(timestampMs)}${hint}`);
}

/** What it was probably meant to be. */
function hintFor(value: unknown): string {
  const isNumber = typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  if (isNumber || (typeof value === 'string' && /^\d{1,19}$/.test(value))) return `; offsets are bigints: ${value}n`;
  if (value instanceof Date) return '; a time is { timestampMs: date.getTime() }';
  const near = typeof value === 'string' ? nearName(value, WORDS) : undefined;
  return near === undefined ? '' : ` (did you mean '${near}'?)`;
}
