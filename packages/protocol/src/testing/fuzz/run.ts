// One case: bytes made from a seed and a number, given to a target, in bounded time and memory.
import { KafkaError } from '../../errors.ts';
import { Random } from '../random.ts';
import { mutate } from './mutate.ts';
import type { FuzzTarget } from './target.ts';

/** Seconds would be a hang; machines that do other things too need some room. */
const SLOW_MS = 250;
/** A byte may stand for an empty struct, which is an object with a slot for every field. */
const HEAP_PER_BYTE = 1024;
const LONGEST_RANDOM = 200;

export interface FuzzCase {
  readonly target: FuzzTarget;
  readonly bytes: Buffer;
}

/** Something that should not be, with what it takes to see it again. */
export interface Finding {
  readonly target: string;
  readonly hex: string;
  readonly reason: string;
}

/** The same seed and index always make the same case; every target has its turn. */
export function caseOf(targets: readonly FuzzTarget[], seed: number, index: number): FuzzCase {
  const target = targets[index % targets.length];
  if (!target) throw new RangeError('no targets');
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ index);
  if (random.below(10) === 0) return { target, bytes: random.bytes(random.below(LONGEST_RANDOM)) };
  const bytes = mutate(random, random.pick(target.seeds), random.pick(target.seeds));
  return { target, bytes };
}

/** @returns null when the bytes were read, or refused as they should be */
export function runCase({ target, bytes }: FuzzCase): Finding | null {
  const found = attempt(target, bytes);
  if (found === null) return null;
  // Time and heap are also spent by others: only what is seen three times in a row is the decoder's.
  const again = found.repeatable ? found : attempt(target, bytes) && attempt(target, bytes);
  return again && { target: target.name, hex: bytes.toString('hex'), reason: again.reason };
}

function attempt(target: FuzzTarget, bytes: Buffer): { reason: string; repeatable: boolean } | null {
  const heap = process.memoryUsage();
  const start = performance.now();
  const thrown = outcomeOf(target, bytes);
  const took = performance.now() - start;
  if (thrown) return { reason: thrown, repeatable: true };
  const used = grown(heap, process.memoryUsage());
  if (took > SLOW_MS) return { reason: `took ${Math.round(took)} ms`, repeatable: false };
  const allowed = target.heapBytes + HEAP_PER_BYTE * bytes.length;
  return used > allowed ? { reason: `took ${used} bytes of memory, ${allowed} are allowed`, repeatable: false } : null;
}

function outcomeOf(target: FuzzTarget, bytes: Buffer): string | null {
  try {
    target.check(bytes);
    return null;
  } catch (error) {
    if (error instanceof KafkaError) return null;
    return error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`;
  }
}

function grown(before: NodeJS.MemoryUsage, after: NodeJS.MemoryUsage): number {
  return after.heapUsed - before.heapUsed + (after.arrayBuffers - before.arrayBuffers);
}
