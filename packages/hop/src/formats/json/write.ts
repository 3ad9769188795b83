// JSON as Python's json.dumps writes it: `, ` and `: `, everything outside printable ASCII escaped, Python's floats.
import { pythonNumber } from './number.ts';
import { orderedKeys, originalNumber } from './origin.ts';

export interface WriteOptions {
  /** Write NaN and the infinities as Python does (true), or as strings, instead of refusing them. */
  allowNaN?: boolean | 'strings';
  /** No blanks, and text as it is: for lines of JSON, not for the wire. */
  compact?: boolean;
  /** Blanks for each level; none: everything on one line. */
  indent?: number;
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};
const SPECIAL = /["\\]|[^\x20-\x7e]/g;

/** Writes a value. Throws TypeError naming path and type for what JSON cannot hold. */
export function writeJson(value: unknown, options: WriteOptions = {}): string {
  return new JsonWriter(options).write(value, '$', '', undefined);
}

/** Writes one member of an object, with the digits it was read with. */
export function writeMember(holder: object, key: string, options: WriteOptions = {}): string {
  const value: unknown = Reflect.get(holder, key);
  return new JsonWriter(options).write(value, '$', '', [holder, key]);
}

/** A string as Python's json.dumps quotes it. */
export function quote(text: string): string {
  return `"${text.replace(SPECIAL, escapeOne)}"`;
}

function escapeOne(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

type Place = readonly [container: object, key: string] | undefined;

class JsonWriter {
  readonly #options: WriteOptions;
  readonly #open = new Set<object>();

  constructor(options: WriteOptions) {
    this.#options = options;
  }

  write(given: unknown, path: string, margin: string, place: Place): string {
    const value = resolved(given, place?.[1] ?? '');
    if (value === null) return 'null';
    switch (typeof value) {
      case 'string':
        return this.#options.compact ? JSON.stringify(value) : quote(value);
      case 'boolean':
      case 'bigint':
        return String(value);
      case 'number':
        return this.#number(value, path, place);
      case 'object':
        return this.#container(value, path, margin);
      default:
        throw new TypeError(`${path}: ${typeof value} cannot be written as JSON`);
    }
  }

  #number(value: number, path: string, place: Place): string {
    const original = place && originalNumber(place[0], place[1], value);
    if (!Number.isFinite(value) && !this.#options.allowNaN) {
      throw new TypeError(`${path}: ${value} cannot be written as JSON`);
    }
    const text = original ?? pythonNumber(value);
    return Number.isFinite(value) || this.#options.allowNaN !== 'strings' ? text : `"${text}"`;
  }

  #container(value: object, path: string, margin: string): string {
    if (this.#open.has(value)) throw new TypeError(`${path}: the value contains itself`);
    this.#open.add(value);
    const text = Array.isArray(value) ? this.#array(value, path, margin) : this.#object(value, path, margin);
    this.#open.delete(value);
    return text;
  }

  #array(array: readonly unknown[], path: string, margin: string): string {
    const inner = this.#deeper(margin);
    const items = array.map((item, index) =>
      this.write(item === undefined ? null : item, `${path}[${index}]`, inner, [array, String(index)]),
    );
    return this.#joined('[', items, ']', margin);
  }

  #object(object: object, path: string, margin: string): string {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new TypeError(`${path}: ${object.constructor?.name ?? 'object'} cannot be written as JSON`);
    }
    const inner = this.#deeper(margin);
    const items: string[] = [];
    for (const key of orderedKeys(object)) {
      const value: unknown = Reflect.get(object, key);
      if (value === undefined) continue;
      items.push(`${this.#key(key)}${this.write(value, `${path}.${key}`, inner, [object, key])}`);
    }
    return this.#joined('{', items, '}', margin);
  }

  #key(key: string): string {
    return this.#options.compact ? `${JSON.stringify(key)}:` : `${quote(key)}: `;
  }

  #deeper(margin: string): string {
    return margin + ' '.repeat(this.#options.indent ?? 0);
  }

  #joined(open: string, items: readonly string[], close: string, margin: string): string {
    if (items.length === 0) return open + close;
    if (this.#options.indent === undefined) return open + items.join(this.#options.compact ? ',' : ', ') + close;
    const inner = `\n${this.#deeper(margin)}`;
    return `${open}${inner}${items.join(`,${inner}`)}\n${margin}${close}`;
  }
}

function resolved(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !('toJSON' in value)) return value;
  // Bytes have a toJSON of Node's making, which nobody means.
  if (value instanceof Uint8Array || typeof value.toJSON !== 'function') return value;
  return value.toJSON(key);
}
