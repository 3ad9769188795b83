// Writes a message by its layout and by nothing else: a second opinion on what the codecs write. It shares no code with
// the Writer, on purpose.
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../random.ts';
import type { Fields, FieldType, Layout, LayoutField, Scalar } from './layout.ts';

/**
 * @param loosely makes use of what a writer may do but need not: tagged fields that have their default value, and tags
 *   that nobody knows
 */
export function encodeByLayout(layout: Layout, message: Fields, loosely?: Random): Buffer {
  return Buffer.concat([...structParts(layout, message, loosely)]);
}

function* structParts(layout: Layout, values: Fields, loosely?: Random): Iterable<Buffer> {
  for (const field of layout.fields) {
    if (field.tag === null) yield* fieldParts(field, values[field.name], loosely);
  }
  if (layout.flexible) yield* tagSection(layout, values, loosely);
}

function* tagSection(layout: Layout, values: Fields, loosely?: Random): Iterable<Buffer> {
  const known = layout.fields
    .filter(({ tag, name, whenAbsent }) => tag !== null && isWritten(values[name], whenAbsent, loosely))
    .map((field) => [field.tag ?? -1, Buffer.concat([...fieldParts(field, values[field.name], loosely)])] as const)
    .sort(([a], [b]) => a - b);
  const tags = [...known, ...unknownTags(layout, loosely)];
  yield varint(tags.length);
  for (const [tag, bytes] of tags) yield Buffer.concat([varint(tag), varint(bytes.length), bytes]);
}

function isWritten(value: unknown, whenAbsent: unknown, loosely?: Random): boolean {
  return !isDeepStrictEqual(value, whenAbsent) || (loosely?.chance(0.5) ?? false);
}

function unknownTags(layout: Layout, loosely?: Random): [number, Buffer][] {
  if (!loosely?.chance(0.3)) return [];
  const first = 1 + Math.max(-1, ...layout.fields.map(({ tag }) => tag ?? -1));
  return [first + loosely.below(3), first + 200 + loosely.below(100_000)].map((tag) => [tag, loosely.fewBytes()]);
}

function* fieldParts(field: LayoutField, value: unknown, loosely?: Random): Iterable<Buffer> {
  const { type, isArray, compact, isNullable } = field;
  if (value === null && !isNullable) throw new TypeError(`${field.name} cannot be null`);
  if (isArray) {
    yield* arrayParts(type, compact, value as readonly unknown[] | null, loosely);
  } else if (typeof type === 'string') {
    yield scalar(type, compact, value);
  } else {
    if (isNullable && field.tag !== null) throw new TypeError(`${field.name}: no definition had a tagged null struct`);
    if (isNullable) yield Buffer.of(value === null ? 0xff : 1);
    if (value !== null) yield* structParts(type, value as Fields, loosely);
  }
}

function* arrayParts(
  type: FieldType,
  compact: boolean,
  items: readonly unknown[] | null,
  loosely?: Random,
): Iterable<Buffer> {
  yield length(4, compact, items?.length ?? -1);
  for (const item of items ?? []) {
    if (typeof type === 'string') yield scalar(type, compact, item);
    else yield* structParts(type, item as Fields, loosely);
  }
}

function scalar(type: Scalar, compact: boolean, value: unknown): Buffer {
  if (type === 'string') return text(compact, value as string | null);
  if (type === 'bytes' || type === 'records') return blob(4, compact, value as Buffer | null);
  return type === 'uuid' ? Buffer.from(value as string, 'base64url') : FIXED[type](value as never);
}

function text(compact: boolean, value: string | null): Buffer {
  return blob(2, compact, value === null ? null : Buffer.from(value, 'utf8'));
}

function blob(lengthBytes: 2 | 4, compact: boolean, bytes: Buffer | null): Buffer {
  return Buffer.concat([length(lengthBytes, compact, bytes?.length ?? -1), bytes ?? Buffer.alloc(0)]);
}

/** -1: null. */
function length(bytes: 2 | 4, compact: boolean, value: number): Buffer {
  return compact ? varint(value + 1) : fixed(bytes, (view) => view[bytes === 2 ? 'setInt16' : 'setInt32'](0, value));
}

const FIXED = {
  bool: (value: boolean): Buffer => Buffer.of(value ? 1 : 0),
  int8: (value: number): Buffer => fixed(1, (view) => view.setInt8(0, value)),
  int16: (value: number): Buffer => fixed(2, (view) => view.setInt16(0, value)),
  uint16: (value: number): Buffer => fixed(2, (view) => view.setUint16(0, value)),
  int32: (value: number): Buffer => fixed(4, (view) => view.setInt32(0, value)),
  uint32: (value: number): Buffer => fixed(4, (view) => view.setUint32(0, value)),
  int64: (value: bigint): Buffer => fixed(8, (view) => view.setBigInt64(0, value)),
  float64: (value: number): Buffer => fixed(8, (view) => view.setFloat64(0, value)),
} as const;

function fixed(size: number, write: (view: DataView) => void): Buffer {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return Buffer.from(bytes.buffer);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
}
