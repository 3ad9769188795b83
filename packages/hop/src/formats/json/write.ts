// JSON as Python's json.dumps writes it: `, ` and `: `, everything outside printable ASCII escaped, Python's floats.
import { pythonFloat, pythonNumber } from './number.ts';
import { floatsOf, orderedKeys } from './origin.ts';

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
  return new JsonWriter(options).write(value, '', '', false);
}

/** Writes one member of an object, with the digits it was read with. */
export function writeMember(holder: object, key: string, options: WriteOptions = {}): string {
  const value: unknown = Reflect.get(holder, key);
  return new JsonWriter(options).write(value, '', '', isFloat(floatsOf(holder), key, value));
}

/** A string as Python's json.dumps quotes it. */
export function quote(text: string): string {
  return `"${text.replace(SPECIAL, escapeOne)}"`;
}

function escapeOne(character: string): string {
  return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

class JsonWriter {
  readonly #options: WriteOptions;
  /** Containers being written, from the outermost. */
  readonly #open = new Set<object>();
  /** Keys and indexes that lead to the value being written, as error messages show them. */
  readonly #path: (string | number)[] = [];

  constructor(options: WriteOptions) {
    this.#options = options;
  }

  /** @param wasFloat it is the whole number that was read as a float */
  write(given: unknown, key: string, margin: string, wasFloat: boolean): string {
    const value = resolved(given, key);
    if (value === null) return 'null';
    switch (typeof value) {
      case 'string':
        return this.#options.compact ? JSON.stringify(value) : quote(value);
      case 'boolean':
      case 'bigint':
        return String(value);
      case 'number':
        return this.#number(value, wasFloat);
      case 'object':
        return this.#container(value, margin);
      default:
        throw this.#refusal(`${typeof value} cannot be written as JSON`);
    }
  }

  #number(value: number, wasFloat: boolean): string {
    if (wasFloat) return pythonFloat(value);
    if (Number.isFinite(value)) return pythonNumber(value);
    const { allowNaN } = this.#options;
    if (!allowNaN) throw this.#refusal(`${value} cannot be written as JSON`);
    return allowNaN === 'strings' ? `"${pythonNumber(value)}"` : pythonNumber(value);
  }

  #refusal(reason: string): TypeError {
    const steps = this.#path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    return new TypeError(`$${steps.join('')}: ${reason}`);
  }

  #container(value: object, margin: string): string {
    if (this.#open.has(value)) throw this.#refusal('the value contains itself');
    this.#open.add(value);
    const text = Array.isArray(value) ? this.#array(value, margin) : this.#object(value, margin);
    this.#open.delete(value);
    return text;
  }

  #array(array: readonly unknown[], margin: string): string {
    const [inner, floats] = [this.#deeper(margin), floatsOf(array)];
    const items = Array.from(array, (item, index) => {
      this.#path.push(index);
      const text = this.write(item ?? null, String(index), inner, isFloat(floats, index, item));
      this.#path.pop();
      return text;
    });
    return this.#joined('[', items, ']', margin);
  }

  #object(object: object, margin: string): string {
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) {
      throw this.#refusal(`${object.constructor?.name ?? 'object'} cannot be written as JSON`);
    }
    const [inner, floats] = [this.#deeper(margin), floatsOf(object)];
    const items: string[] = [];
    for (const key of orderedKeys(object)) {
      const value: unknown = Reflect.get(object, key);
      if (value === undefined) continue;
      this.#path.push(key);
      items.push(`${this.#key(key)}${this.write(value, key, inner, isFloat(floats, key, value))}`);
      this.#path.pop();
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

function isFloat(
  floats: ReadonlyMap<string | number, number> | undefined,
  key: string | number,
  value: unknown,
): boolean {
  return floats?.has(key) === true && Object.is(floats.get(key), value);
}
