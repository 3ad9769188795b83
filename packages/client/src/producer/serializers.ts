// The caller's own functions that turn keys and values into bytes.
import { asError } from '../errors.ts';
import type { Serializer } from '../options-producer.ts';
import { kindOf } from '../util/kind-of.ts';
import { pathOf } from './record-bytes.ts';

/** What `key` and `value` of the options say; undefined: they are bytes or text already. */
export interface Serializers<K, V> {
  readonly key: Serializer<K> | undefined;
  readonly value: Serializer<V> | undefined;
}

/** The place of a field in what was given. `at`: its record's place among the messages; below 0: the only one. */
export interface Place {
  readonly topic: string;
  readonly field: 'key' | 'value';
  readonly at: number;
}

/**
 * Null stays null: no key, or a tombstone.
 *
 * @throws {TypeError} with the field's path when the function throws, or returns what is neither bytes nor text
 */
export function serialized<T>(serialize: Serializer<T>, given: T | null, place: Place): unknown {
  if (given === null || given === undefined) return given;
  const made: unknown = called(serialize, given, place);
  if (made instanceof Uint8Array) return place.at < 0 ? made : Buffer.from(made); // it may write the next one over it
  if (made === null || typeof made === 'string' || ArrayBuffer.isView(made)) return made;
  const { field, at } = place;
  let remedy = '';
  if (made instanceof Promise) {
    made.catch(() => undefined); // nobody waits for it, however it ends
    remedy = '; await it before you send';
  }
  throw new TypeError(
    `${pathOf(field, at)}: the producer's option ${field} must return a string, a Uint8Array or null, not ${kindOf(made)}${remedy}`,
  );
}

function called<T>(serialize: Serializer<T>, given: T, { topic, field, at }: Place): unknown {
  try {
    return serialize(given, { topic });
  } catch (error) {
    const why = asError(error);
    throw new TypeError(`${pathOf(field, at)}: the producer's option ${field} threw: ${why.message}`, { cause: error });
  }
}
