// Messages made up from a layout: mostly edges, where codecs go wrong.

import type { Random } from '../random.ts';
import type { Fields, Layout, LayoutField, Scalar } from './layout.ts';
import { absentFields } from './layout.ts';

const TEXTS = [
  '',
  'a',
  'topic-1',
  'naïve',
  'Ελλάδα',
  '日本語',
  '🚀 rocket',
  '\u0000',
  '\ufffd',
  '\u{10ffff}',
  'a\nb',
] as const;
const LONG = [126, 127, 128, 129, 16_382, 16_383, 16_384, 32_767] as const;

/** A message in which every field that this version has is said. */
export function randomMessage(layout: Layout, random: Random): Fields {
  return random.chance(0.03) ? absentFields(layout) : struct(layout, random, 0);
}

function struct(layout: Layout, random: Random, depth: number): Fields {
  return Object.fromEntries(layout.fields.map((field) => [field.name, valueFor(field, random, depth)]));
}

function valueFor(field: LayoutField, random: Random, depth: number): unknown {
  const { type, isArray, isNullable, tag, whenAbsent } = field;
  if (isNullable && random.chance(0.25)) return null;
  if (tag !== null && random.chance(0.3)) return whenAbsent;
  const one = (): unknown => (typeof type === 'string' ? SCALARS[type](random) : struct(type, random, depth + 1));
  if (!isArray) return one();
  return Array.from({ length: count(random, depth, typeof type === 'string' && isSmall(type)) }, one);
}

function isSmall(type: Scalar): boolean {
  return !['string', 'bytes', 'records'].includes(type);
}

/** Numbers of elements whose compact length takes two bytes only where elements are small. */
function count(random: Random, depth: number, small: boolean): number {
  if (small && random.chance(0.03)) return random.pick([126, 127, 128, 300]);
  return random.below(depth > 2 ? 3 : 4);
}

const SCALARS: Readonly<Record<Scalar, (random: Random) => unknown>> = {
  bool: (random) => random.chance(0.5),
  int8: (random) => integer(random, 8, true),
  int16: (random) => integer(random, 16, true),
  uint16: (random) => integer(random, 16, false),
  int32: (random) => integer(random, 32, true),
  uint32: (random) => integer(random, 32, false),
  int64: (random) =>
    random.chance(0.5)
      ? random.pick([0n, 1n, -1n, -2n, 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n])
      : BigInt.asIntN(64, (BigInt(random.bits()) << 32n) | BigInt(random.bits())),
  float64: (random) =>
    random.pick([0, -0, 1.5, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE, random.bits() / 3]),
  uuid: (random) => uuid(random),
  string: (random) => text(random),
  bytes: (random) => random.fewBytes(),
  records: (random) => random.fewBytes(),
};

function integer(random: Random, bits: 8 | 16 | 32, signed: boolean): number {
  const lowest = signed ? -(2 ** (bits - 1)) : 0;
  const highest = lowest + 2 ** bits - 1;
  if (random.chance(0.5)) return random.pick([0, 1, signed ? -1 : 2, lowest, highest]);
  return lowest + Math.floor((random.bits() / 2 ** 32) * 2 ** bits);
}

function uuid(random: Random): string {
  const bytes = random.pick([
    Buffer.alloc(16),
    Buffer.alloc(16, 0xff),
    Buffer.from(Array.from({ length: 16 }, () => random.below(256))),
  ]);
  return bytes.toString('base64url');
}

function text(random: Random): string {
  if (random.chance(0.02)) return 'x'.repeat(random.pick(LONG));
  return random.chance(0.7) ? random.pick(TEXTS) : `${random.pick(TEXTS)}${random.bits().toString(36)}`;
}
