// A message definition for one version: the fields that this version has, in the order of the wire.
import { ZERO_UUID } from '../../wire/uuid.ts';
import { type DefinedField, type Definition, isIn, nameInMemory, spanOf, structOf } from './definition.ts';

export type Scalar =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records';

const ZERO: Readonly<Record<Scalar, unknown>> = {
  bool: false,
  int8: 0,
  int16: 0,
  uint16: 0,
  int32: 0,
  uint32: 0,
  int64: 0n,
  float64: 0,
  uuid: ZERO_UUID,
  string: '',
  bytes: Buffer.alloc(0),
  records: Buffer.alloc(0),
};

/** A struct of one version. */
export interface Layout {
  readonly flexible: boolean;
  readonly fields: readonly LayoutField[];
}

export interface LayoutField {
  readonly name: string;
  readonly type: FieldType;
  readonly isArray: boolean;
  readonly isNullable: boolean;
  /** May a writer leave it out silently where a version lacks it? */
  readonly isIgnorable: boolean;
  /** Null: not tagged in this version. */
  readonly tag: number | null;
  /** Are lengths compact? One field is not, although its message is flexible: the client id. */
  readonly compact: boolean;
  /** What a tagged field is when it is left out. */
  readonly whenAbsent: unknown;
}

export type FieldType = Scalar | Layout;

/** Values of a message by field name, as they are in memory. */
export type Fields = Readonly<Record<string, unknown>>;

export function layoutOf(definition: Definition, version: number): Layout {
  const flexible = isIn(version, spanOf(definition.flexibleVersions));
  const layout = (fields: readonly DefinedField[]): Layout => ({
    flexible,
    fields: fields.filter(({ versions }) => isIn(version, spanOf(versions))).map(field),
  });
  const field = (defined: DefinedField): LayoutField => {
    const struct = structOf(definition, defined);
    const type = struct ? layout(struct) : scalarOf(defined);
    const isArray = defined.type.startsWith('[]');
    const isNullable = isIn(version, spanOf(defined.nullableVersions));
    const said = defined.default === undefined ? undefined : saidDefault(defined);
    return {
      name: nameInMemory(defined),
      type,
      isArray,
      isNullable,
      isIgnorable: defined.ignorable === true,
      tag: isIn(version, spanOf(defined.taggedVersions)) ? Number(defined.tag) : null,
      compact: flexible && defined.flexibleVersions !== 'none',
      // A default of null is said for the versions that take it.
      whenAbsent: said === undefined || (said === null && !isNullable) ? zeroOf(type, isArray) : said,
    };
  };
  return layout(definition.fields ?? []);
}

function zeroOf(type: FieldType, isArray: boolean): unknown {
  if (isArray) return [];
  return typeof type === 'string' ? ZERO[type] : absentFields(type);
}

/** All fields as they are when nothing is said about them. */
export function absentFields(layout: Layout): Fields {
  return Object.fromEntries(layout.fields.map(({ name, whenAbsent }) => [name, whenAbsent]));
}

export function scalarOf({ type, name }: DefinedField): Scalar {
  const scalar = type.replace('[]', '');
  if (scalar in ZERO) return scalar as Scalar;
  throw new TypeError(`${name}: no struct and no known scalar: ${type}`);
}

/** The value of a `default`, which definitions write as text: `-1`, `0x7fffffff`, `null`, `False`. */
export function saidDefault(field: DefinedField): unknown {
  const text = String(field.default);
  if (text === 'null') return null;
  const scalar = scalarOf(field);
  if (scalar === 'string' || scalar === 'uuid') return text;
  if (scalar === 'bool') return text.toLowerCase() === 'true';
  return scalar === 'int64' ? BigInt(text) : Number(text);
}

export function zeroOfScalar(scalar: Scalar): unknown {
  return ZERO[scalar];
}
