// Checks of the partitions and offsets that callers give: refused at once, by name, when they cannot be meant.
import type { PartitionStart, TopicPartition, TopicPartitionOffset } from '../types.ts';

const LARGEST_OFFSET = 2n ** 63n - 1n;
const WORDS = ['earliest', 'latest', 'committed'];

/** @throws {TypeError | RangeError} */
export function checkStarts(what: string, partitions: readonly PartitionStart[]): void {
  const seen = new Set<string>();
  for (const [at, one] of listOf(what, partitions)) {
    checkPartition(at, one);
    checkStart(`${at}.offset`, one.offset);
    const name = `${one.topic}[${one.partition}]`;
    if (seen.has(name)) throw new TypeError(`${at}: ${name} is named twice`);
    seen.add(name);
  }
}

/** @throws {TypeError | RangeError} */
export function checkStart(name: string, offset: unknown): void {
  if (typeof offset === 'bigint') checkOffset(name, offset);
  else if (typeof offset === 'object' && offset !== null && 'timestampMs' in offset)
    checkTime(name, offset.timestampMs);
  else if (typeof offset !== 'string' || !WORDS.includes(offset)) {
    const hint = isNumeric(offset) ? `; offsets are bigints: ${String(offset)}n` : '';
    const expected = `a bigint, ${WORDS.map((word) => `'${word}'`).join(', ')} or { timestampMs }`;
    throw new TypeError(`${name} must be ${expected}, not ${shown(offset)}${hint}`);
  }
}

/** @throws {TypeError | RangeError} */
export function checkOffsets(what: string, offsets: readonly TopicPartitionOffset[]): void {
  for (const [at, one] of listOf(what, offsets)) {
    checkPartition(at, one);
    const { offset } = one;
    const hint = isNumeric(offset) ? `; offsets are bigints: ${String(offset)}n` : '';
    if (typeof offset !== 'bigint') throw new TypeError(`${at}.offset must be a bigint, not ${shown(offset)}${hint}`);
    checkOffset(`${at}.offset`, offset);
  }
}

/** @throws {TypeError | RangeError} */
export function checkPartitions(what: string, partitions: readonly TopicPartition[]): void {
  for (const [at, one] of listOf(what, partitions)) checkPartition(at, one);
}

/** @throws {TypeError} */
export function listOf<T>(what: string, list: readonly T[]): [at: string, item: T][] {
  if (!Array.isArray(list)) throw new TypeError(`${what} must be a list of partitions, not ${shown(list)}`);
  return list.map((item, index): [string, T] => [`${what}[${index}]`, item]);
}

/** @throws {TypeError | RangeError} */
export function checkPartition(at: string, one: TopicPartition): void {
  if (typeof one !== 'object' || one === null)
    throw new TypeError(`${at} must be { topic, partition }, not ${shown(one)}`);
  const { topic, partition } = one;
  if (typeof topic !== 'string' || topic === '') throw new TypeError(`${at}.topic must be a name, not ${shown(topic)}`);
  if (typeof partition !== 'number') throw new TypeError(`${at}.partition must be a number, not ${shown(partition)}`);
  if (!Number.isInteger(partition) || partition < 0 || partition > 0x7fffffff) {
    throw new RangeError(`${at}.partition must be a whole number from 0, not ${partition}`);
  }
}

function checkOffset(name: string, offset: bigint): void {
  if (offset >= 0n && offset <= LARGEST_OFFSET) return;
  throw new RangeError(`${name} must be from 0n to ${LARGEST_OFFSET}n, not ${offset}n`);
}

/** @throws {RangeError} */
export function checkTime(name: string, timestampMs: unknown): void {
  if (typeof timestampMs === 'number' && Number.isSafeInteger(timestampMs) && timestampMs >= 0) return;
  throw new RangeError(`${name}.timestampMs must be whole milliseconds since 1970, not ${shown(timestampMs)}`);
}

function isNumeric(value: unknown): boolean {
  return (typeof value === 'number' && Number.isInteger(value)) || (typeof value === 'string' && /^\d+$/.test(value));
}

/** For messages. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
