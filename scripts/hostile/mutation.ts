// One field of an API's answers, and what a hostile broker says there instead.
import type { AnyApi } from '@hopwire/protocol';

/** Names of fields; '*' is every element of a list. */
export type Path = readonly string[];

export interface Mutation {
  readonly path: Path;
  /** For people. */
  readonly text: string;
  change(value: unknown): unknown;
}

/** An answer that the broker is about to send. */
export interface Seen {
  readonly api: AnyApi;
  readonly answer: unknown;
}

const ERROR_CODES = [...Array.from({ length: 137 }, (_, index) => index - 1), 999, 32_767, -32_768];
const NUMBERS = [-1, 0, 1, 127, -128, 32_767, -32_768, 2 ** 31 - 1, -(2 ** 31)];
const BIG_NUMBERS = [-1n, 0n, 1n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const TEXTS = [
  '',
  ' ',
  '.',
  '0',
  '-1',
  'no such thing',
  '127.0.0.1',
  '::1',
  '\u0000',
  '\n',
  '\u202e',
  'a'.repeat(30_000),
];
const BYTES = [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(7, 0xff), Buffer.alloc(200, 0x7f), Buffer.alloc(200)];
const UUID = /^[0-9A-Za-z_-]{22}$/;
const UUIDS = ['AAAAAAAAAAAAAAAAAAAAAA', '-----------------_____', 'AAAAAAAAAAAAAAAAAAAAAQ'];
const MANY = 20_000;

/** All that can be made of the answers of one API, one field at a time. */
export function mutationsOf(answers: readonly unknown[]): Mutation[] {
  const found = new Map<string, Mutation>();
  for (const answer of answers) {
    for (const mutation of within(answer, [])) {
      const key = `${mutation.path.join('.')} ${mutation.text}`;
      if (!found.has(key)) found.set(key, mutation);
    }
  }
  return [...found.values()];
}

function* within(value: unknown, path: Path): Iterable<Mutation> {
  if (Array.isArray(value)) yield* ofList(value, path);
  else if (Buffer.isBuffer(value))
    yield* BYTES.map((bytes) => to(path, bytes, `${bytes.length} bytes of ${bytes[0] ?? 0}`));
  else if (typeof value === 'object' && value !== null) {
    for (const [name, field] of Object.entries(value)) yield* within(field, [...path, name]);
  } else yield* leaf(value, path);
}

function* leaf(value: unknown, path: Path): Iterable<Mutation> {
  const isCode = path.at(-1)?.endsWith('rrorCode') ?? false;
  if (typeof value === 'number') yield* (isCode ? ERROR_CODES : NUMBERS).map((one) => to(path, one, `${one}`));
  else if (typeof value === 'bigint') yield* BIG_NUMBERS.map((one) => to(path, one, `${one}n`));
  else if (typeof value === 'boolean') yield to(path, !value, `${!value}`);
  else if (typeof value === 'string') {
    const texts = UUID.test(value) ? [...UUIDS, ...TEXTS] : TEXTS;
    yield* texts.map((text) => to(path, text, JSON.stringify(text.length > 40 ? `${text.length} letters` : text)));
  }
}

function* ofList(list: readonly unknown[], path: Path): Iterable<Mutation> {
  yield to(path, [], 'nothing');
  if (list.length === 0) return;
  yield { path, text: 'each twice', change: (all) => (Array.isArray(all) ? [...all, ...all] : all) };
  yield { path, text: `each ${MANY} times`, change: (all) => (Array.isArray(all) ? repeated(all) : all) };
  for (const one of list.slice(0, 2)) yield* within(one, [...path, '*']);
}

function repeated(all: readonly unknown[]): unknown[] {
  return Array.from({ length: MANY }, (_, index) => all[index % all.length]);
}

function to(path: Path, value: unknown, text: string): Mutation {
  return { path, text, change: () => value };
}

/** A copy of the answer with another value at that place; the rest is shared. */
export function mutated(value: unknown, { path, change }: Pick<Mutation, 'path' | 'change'>): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return change(value);
  const inner = { path: rest, change };
  if (name === '*') return Array.isArray(value) ? value.map((one) => mutated(one, inner)) : value;
  if (typeof value !== 'object' || value === null || !(name in value)) return value;
  return { ...value, [name]: mutated(Reflect.get(value, name), inner) };
}
