// Headers in any shape that has an order and pairs: lists, objects, Map, Headers, URLSearchParams.
import type { HeaderInput } from '@hopwire/protocol';
import type { Bytes } from '../types.ts';
import { kindOf } from '../util/kind-of.ts';
import { checkBytes, checkText, pathOf } from './record-bytes.ts';

/** Pairs (of a list, a Map, Headers, ...) keep their order and may repeat; an object is for convenience. */
export type RecordHeaders =
  | Iterable<readonly [name: string, value: Bytes | null]>
  | Readonly<Record<string, Bytes | null>>;

const NONE: readonly HeaderInput[] = [];

const MUST = 'must be pairs [name, value], a Map or an object';

/** @throws {TypeError} by the path of what cannot be a header. @param at as for `pathOf` */
export function checkHeaders(headers: unknown, at: number): readonly HeaderInput[] {
  if (headers === null) return NONE;
  if (typeof headers !== 'object') throw new TypeError(`${pathOf('headers', at)} ${MUST}, not ${kindOf(headers)}`);
  const isList = isIterable(headers);
  if (!isList && !isPlain(headers)) throw new TypeError(`${pathOf('headers', at)} ${MUST}, not ${kindOf(headers)}`);
  return isList ? checkPairs(headers, at) : checkFields(headers, at);
}

function checkPairs(pairs: Iterable<unknown>, at: number): readonly HeaderInput[] {
  const checked: HeaderInput[] = [];
  for (const pair of pairs) checked.push(checkPair(pair, checked.length, at));
  return checked;
}

function checkFields(headers: object, at: number): readonly HeaderInput[] {
  return Object.entries(headers).map(([name, value]: [string, unknown]): HeaderInput => {
    if (!name.isWellFormed()) checkText('headers: a name', name, at);
    return [name, isGood(value) ? value : checkBytes(`headers.${name}`, value, at)];
  });
}

function checkPair(pair: unknown, place: number, at: number): HeaderInput {
  if (!Array.isArray(pair) || pair.length !== 2) {
    const given = Array.isArray(pair) ? `an Array of ${pair.length}` : kindOf(pair);
    throw new TypeError(`${pathOf(`headers[${place}]`, at)} must be a pair [name, value], not ${given}`);
  }
  const [name, value]: unknown[] = pair;
  if (typeof name !== 'string') {
    throw new TypeError(`${pathOf(`headers[${place}]`, at)}: its name must be a string, not ${kindOf(name)}`);
  }
  if (!name.isWellFormed()) checkText(`headers[${place}]: its name`, name, at);
  return [name, isGood(value) ? value : checkBytes(`headers[${place}] (${name})`, value, at)];
}

/** What needs no path for an error. */
function isGood(value: unknown): value is Uint8Array | string | null {
  return value === null || value instanceof Uint8Array || (typeof value === 'string' && value.isWellFormed());
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value && typeof value[Symbol.iterator] === 'function';
}

/** Of what else has a class nobody knows whether its fields are headers. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // That of another realm's objects has no prototype of its own.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
