// What a codec does with a value that a version cannot carry: it drops it or refuses it.
import type { AnyApi } from '../../api.ts';
import { UnsupportedFieldError } from '../../errors.ts';
import { encodeBody } from '../direction.ts';
import type { Direction } from '../sample-reader.ts';
import { otherThanDefault } from './full-message.ts';
import { fieldInMemory } from './in-memory.ts';
import { type Fields, type Layout, type LayoutField, layoutOf } from './layout.ts';
import { type Extent, Message } from './messages.ts';

/** A field that a version lacks although it has the struct around it. */
export interface Lacking {
  readonly version: number;
  /** Names from the body to the field. */
  readonly path: string;
  readonly field: LayoutField;
}

/** `either`: it depends on the rest of the message; `unmet`: memory does not have the field, or no sample its struct. */
export type Outcome = 'dropped' | 'refused' | 'either' | 'unmet';

export function lackingFields(message: Message): Lacking[] {
  const name = message.definitions[0]?.name ?? '';
  const versions = [...message.versions].reverse().map((version) => [version, pathsOf(message, version)] as const);
  const all = new Map<string, LayoutField>();
  for (const [, paths] of versions) for (const [path, field] of paths) if (!all.has(path)) all.set(path, field);
  return versions.flatMap(([version, paths]) =>
    [...all].flatMap(([path, field]) => {
      const [body = '', ...inside] = path.split('.');
      const known = lacks(paths, path) ? fieldInMemory(name, body) : null;
      return known === null ? [] : { version, path: [known, ...inside].join('.'), field };
    }),
  );
}

function pathsOf(message: Message, version: number): ReadonlyMap<string, LayoutField> {
  const definition = message.definition(version);
  return new Map(definition ? within('', layoutOf(definition, version)) : []);
}

function* within(prefix: string, layout: Layout): Iterable<[string, LayoutField]> {
  for (const field of layout.fields) {
    yield [prefix + field.name, field];
    if (typeof field.type !== 'string') yield* within(`${prefix}${field.name}.`, field.type);
  }
}

function lacks(paths: ReadonlyMap<string, LayoutField>, path: string): boolean {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  return !paths.has(path) && (parent === '' || paths.has(parent));
}

/** What happens to each lacking field when it has a value that is not its default, over the samples of its version. */
export function outcomes(api: AnyApi, direction: Direction, extent: Extent): (Lacking & { outcome: Outcome })[] {
  const message = Message.of(api, direction);
  const samples = [...message.samples(`${api.name} ${direction}`, extent)];
  return lackingFields(message).map((lacking) => {
    const bodies = samples.filter(({ version }) => version === lacking.version).map(({ inMemory }) => inMemory);
    const value = otherThanDefault(lacking.field);
    const tried = bodies.map((body) => placed(body, lacking.path.split('.'), value)).filter((body) => body !== null);
    const found = new Set(tried.map((body) => outcomeOf(api, direction, lacking.version, body)));
    return { ...lacking, outcome: found.size > 1 ? 'either' : ([...found][0] ?? 'unmet') };
  });
}

/** @throws whatever is neither */
function outcomeOf(api: AnyApi, direction: Direction, version: number, body: Fields): 'dropped' | 'refused' {
  try {
    encodeBody(api, direction, version, body);
    return 'dropped';
  } catch (error) {
    if (error instanceof UnsupportedFieldError) return 'refused';
    throw error;
  }
}

/** A copy with a value in the first struct at the path; null when no struct is there. */
function placed(fields: Fields, [name = '', ...rest]: readonly string[], value: unknown): Fields | null {
  if (!(name in fields)) return null;
  if (rest.length === 0) return { ...fields, [name]: value };
  const inside = fields[name];
  const [first, ...others] = Array.isArray(inside) ? inside : [inside];
  const changed = typeof first === 'object' && first !== null ? placed(first as Fields, rest, value) : null;
  return changed && { ...fields, [name]: Array.isArray(inside) ? [changed, ...others] : changed };
}
