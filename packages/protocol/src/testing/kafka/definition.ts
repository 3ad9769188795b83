// What a message definition of Kafka says, and what it means for one version: a layout.

/** One file of `common/message`. */
export interface Definition {
  readonly apiKey?: number;
  readonly type: 'request' | 'response' | 'header' | 'data';
  readonly name: string;
  /** `none` for an API that was removed. */
  readonly validVersions: string;
  readonly flexibleVersions?: string;
  readonly latestVersionUnstable?: boolean;
  /** Who answers; only requests say it. */
  readonly listeners?: readonly string[];
  readonly fields?: readonly DefinedField[];
  readonly commonStructs?: readonly DefinedStruct[];
}

interface DefinedStruct {
  readonly name: string;
  readonly fields: readonly DefinedField[];
}

export interface DefinedField {
  readonly name: string;
  /** A scalar, the name of a struct, or `[]` and one of these. */
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly flexibleVersions?: string;
  readonly tag?: number | string;
  readonly default?: unknown;
  readonly ignorable?: boolean;
  readonly fields?: readonly DefinedField[];
}

/** First and last version. */
export type Span = readonly [first: number, last: number];

const NONE: Span = [0, -1];

/** `3`, `3-5`, `3+` or `none`. */
export function spanOf(text: string | undefined): Span {
  const [, first, dash, last] = /^(\d+)(?:(-)(\d+)|\+)?$/.exec(text ?? '') ?? [];
  if (first === undefined) return NONE;
  if (dash !== undefined) return [Number(first), Number(last)];
  return [Number(first), text?.endsWith('+') ? Number.POSITIVE_INFINITY : Number(first)];
}

export function isIn(version: number, span: Span): boolean {
  return version >= span[0] && version <= span[1];
}

/** Fields of the struct that a field is, or that its elements are; null for scalars. */
export function structOf(definition: Definition, field: DefinedField): readonly DefinedField[] | null {
  const named = definition.commonStructs?.find(({ name }) => name === field.type.replace('[]', ''));
  return field.fields ?? named?.fields ?? null;
}

/** Names in memory begin with a small letter. */
export function nameInMemory({ name }: DefinedField): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
