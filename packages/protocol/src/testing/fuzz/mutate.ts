// Makes bytes that are nearly a message: the places where a decoder believes what it reads are one change away.
import type { Random } from '../random.ts';

/** Lengths and counts at the edges: of int8, int16 and int32, null, varints of every length, and one too long. */
const EDGES: readonly Buffer[] = [
  '00 01 7f 80 ff 0000 0001 7fff 8000 ffff 00000000 00000001 7fffffff 80000000 ffffffff fffffffe 00100000',
  '7fffffffffffffff 8000000000000000 ffffffffffffffff 8001 808001 80808001 8080808001 ffffffff07 ffffffff0f',
  'ffffffff1f ffffffffff7f 80808080808080808001 ffffffffffffffffff01 ffffffffffffffffffff01',
  'c328 e28228 f0288cbc efbfbd edacbf', // not UTF-8; U+FFFD itself; half a surrogate pair
]
  .join(' ')
  .split(' ')
  .map((digits) => Buffer.from(digits, 'hex'));

type Mutation = (random: Random, bytes: Buffer, other: Buffer) => Buffer;

const mutations: readonly Mutation[] = [
  flipBit,
  flipBit,
  overwrite,
  overwrite,
  insert,
  cut,
  truncate,
  (random, bytes) => Buffer.concat([bytes, random.bytes(1 + random.below(8))]),
  repeat,
  splice,
  swapTwo,
];

/** One to four changes of `seed`; `other` lends its bytes. */
export function mutate(random: Random, seed: Buffer, other: Buffer): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  for (let n = 1 + random.below(4); n > 0; n--) bytes = random.pick(mutations)(random, bytes, other);
  return bytes;
}

function flipBit(random: Random, bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  return bytes;
}

function overwrite(random: Random, bytes: Buffer): Buffer {
  random.pick(EDGES).copy(bytes, random.below(bytes.length + 1));
  return bytes;
}

function insert(random: Random, bytes: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), random.pick(EDGES), bytes.subarray(at)]);
}

function cut(random: Random, bytes: Buffer): Buffer {
  const [from, to] = range(random, bytes);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function truncate(random: Random, bytes: Buffer): Buffer {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

function repeat(random: Random, bytes: Buffer): Buffer {
  const [from, to] = range(random, bytes);
  return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
}

function splice(random: Random, bytes: Buffer, other: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const [from, to] = range(random, other);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)]);
}

function swapTwo(random: Random, bytes: Buffer): Buffer {
  if (bytes.length < 2) return bytes;
  const [a, b] = [random.below(bytes.length), random.below(bytes.length)];
  const kept = bytes[a] ?? 0;
  bytes[a] = bytes[b] ?? 0;
  bytes[b] = kept;
  return bytes;
}

function range(random: Random, bytes: Buffer): [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + random.below(24))];
}
