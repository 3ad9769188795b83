// Messages in which nothing is absent: each list has an element, and no field has its default value.
import type { Fields, FieldType, Layout, LayoutField, Scalar } from './layout.ts';

export function fullMessage(layout: Layout): Fields {
  return Object.fromEntries(layout.fields.map((field) => [field.name, otherThanDefault(field)]));
}

/** A value that no version takes for the field's default. */
export function otherThanDefault(field: LayoutField): unknown {
  if (field.type === 'bool') return !field.whenAbsent;
  return field.isArray ? [some(field.type)] : some(field.type);
}

function some(type: FieldType): unknown {
  return typeof type === 'string' ? SOME[type] : fullMessage(type);
}

// No default is any of these.
const SOME: Readonly<Record<Scalar, unknown>> = {
  bool: true,
  int8: 77,
  int16: 77,
  uint16: 77,
  int32: 77,
  uint32: 77,
  int64: 77n,
  float64: 77,
  uuid: Buffer.alloc(16, 7).toString('base64url'),
  string: 'some',
  bytes: Buffer.from('some'),
  records: Buffer.from('some'),
};
