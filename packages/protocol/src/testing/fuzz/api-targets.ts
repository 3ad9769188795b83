// Each API, version and direction: what is taken must be a message that can be written and read again.
import { isDeepStrictEqual } from 'node:util';
import { type AnyApi, isFlexible } from '../../api.ts';
import { apis } from '../../apis/index.ts';
import { DIRECTIONS, decodeBody, encodeBody } from '../direction.ts';
import { type Direction, sampleOf } from '../sample-reader.ts';
import type { FuzzTarget } from './target.ts';

const HEAP_BYTES = 2 * 1024 * 1024;
const UNKNOWN_TAG = Buffer.from('01630141', 'hex'); // one tagged field: number 99, one byte

export function apiTargets(): FuzzTarget[] {
  return apis.flatMap((api) => {
    const [first, last] = api.versions;
    const versions = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    return versions.flatMap((version) => DIRECTIONS.map((direction) => target(api, version, direction)));
  });
}

function target(api: AnyApi, version: number, direction: Direction): FuzzTarget {
  return {
    name: `${api.name} v${version} ${direction}`,
    seeds: seedsOf(api, version, direction),
    heapBytes: HEAP_BYTES,
    check: (bytes) => checkBody(api, version, direction, bytes),
  };
}

function seedsOf(api: AnyApi, version: number, direction: Direction): Buffer[] {
  const seeds = (['full', 'lone', 'sparse'] as const).map((style) =>
    encodeBody(api, direction, version, sampleOf(api, direction, version, style)),
  );
  const lone = seeds[1];
  // The body's own tag section is its last byte when it is empty.
  const tagged = lone && isFlexible(api, version) ? [Buffer.concat([lone.subarray(0, -1), UNKNOWN_TAG])] : [];
  return [...seeds, ...tagged];
}

function checkBody(api: AnyApi, version: number, direction: Direction, bytes: Buffer): void {
  const value = decodeBody(api, direction, version, bytes);
  const again = encodeAgain(api, version, direction, value);
  if (!isDeepStrictEqual(decodeBody(api, direction, version, again), value)) {
    throw new Error(`written again as ${again.toString('hex')} it is another message`);
  }
  if (!isRewriting(api, again, bytes)) throw new Error(`written again it is ${again.toString('hex')}`);
}

/** One answer may lack its last field; a NaN has many bit patterns. */
const OTHERWISE = ['ApiVersions', 'AlterClientQuotas', 'DescribeClientQuotas'];

/**
 * What is written is the shortest form: long varints, unknown tags and defaults in tags are gone. Where none of that was
 * there it has the same length, and then the same bytes, but for the many ways to say true.
 */
function isRewriting(api: AnyApi, again: Buffer, bytes: Buffer): boolean {
  if (OTHERWISE.includes(api.name) || again.length < bytes.length) return true;
  if (again.length > bytes.length) return false;
  return again.every((byte, at) => byte === bytes[at] || (byte === 1 && bytes[at] !== 0));
}

/** Whatever was read can be written: a refusal here is no refusal of the bytes. */
function encodeAgain(api: AnyApi, version: number, direction: Direction, value: unknown): Buffer {
  try {
    return encodeBody(api, direction, version, value);
  } catch (cause) {
    throw new Error(`read, but not writable: ${String(cause)}`, { cause });
  }
}
