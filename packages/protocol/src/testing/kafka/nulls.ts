// Messages that are right but for one null, which their version does not allow.

import { encodeByLayout } from './encode.ts';
import { fullMessage } from './full-message.ts';
import { fieldInMemory, inMemory } from './in-memory.ts';
import { type Fields, type Layout, type LayoutField, layoutOf } from './layout.ts';
import type { Message } from './messages.ts';

export interface WrongNull {
  readonly version: number;
  /** Names from the body to the field that is null. */
  readonly path: string;
}

/** As they come over the wire: a null in each string, array, bytes and records that must not be null. */
export function* wrongNullsOnTheWire(message: Message): Iterable<WrongNull & { readonly bytes: Buffer }> {
  for (const version of message.versions) {
    for (const [path, layout] of nullable(layoutIn(message, version))) {
      yield { version, path, bytes: encodeByLayout(layout, withNull(fullMessage(layout), path.split('.'))) };
    }
  }
}

/** As callers may write them, whose types allow a null that only other versions can carry. */
export function* wrongNullsInMemory(message: Message): Iterable<WrongNull & { readonly body: Fields }> {
  const memory = inMemory(message.definitions);
  const allowed = new Set(message.versions.flatMap((version) => [...nulls(layoutIn(message, version))]));
  const name = message.definitions[0]?.name ?? '';
  for (const version of message.versions) {
    const layout = layoutIn(message, version);
    for (const [path] of nullable(layout)) {
      const [body = '', ...inside] = path.split('.');
      const known = fieldInMemory(name, body);
      if (!allowed.has(path) || known === null) continue;
      const full = memory(version, fullMessage(layout));
      yield { version, path, body: withNull(full, [known, ...inside]) };
    }
  }
}

function layoutIn(message: Message, version: number): Layout {
  const definition = message.definition(version);
  if (!definition) throw new TypeError(`no release has version ${version}`);
  return layoutOf(definition, version);
}

/** Paths to fields that may be null. */
function* nulls(layout: Layout, prefix = ''): Iterable<string> {
  for (const { name, isNullable, type } of layout.fields) {
    if (isNullable) yield prefix + name;
    if (typeof type !== 'string') yield* nulls(type, `${prefix}${name}.`);
  }
}

/** For each field that must not be null, though there are bytes for it: its path, and a layout in which it may be. */
function* nullable(layout: Layout): Iterable<readonly [path: string, Layout]> {
  for (const [i, field] of layout.fields.entries()) {
    const changed = (to: LayoutField): Layout => ({ ...layout, fields: layout.fields.with(i, to) });
    if (!field.isNullable && hasNull(field)) yield [field.name, changed({ ...field, isNullable: true })];
    if (typeof field.type === 'string') continue;
    for (const [path, type] of nullable(field.type)) yield [`${field.name}.${path}`, changed({ ...field, type })];
  }
}

function hasNull({ type, isArray }: LayoutField): boolean {
  return isArray || type === 'string' || type === 'bytes' || type === 'records';
}

/** A copy with null at the path, in the first element of each list on the way. */
function withNull(value: Fields, [name = '', ...rest]: readonly string[]): Fields {
  const inside = value[name];
  if (rest.length === 0) return { ...value, [name]: null };
  if (!Array.isArray(inside)) return { ...value, [name]: withNull(inside as Fields, rest) };
  return { ...value, [name]: [withNull(inside[0] as Fields, rest), ...inside.slice(1)] };
}
