// JSON as Python's json.loads takes it: NaN and the infinities, integers of any size, the last of equal keys wins.
import { DecodeError } from '../../errors.ts';
import { setOrigin } from './origin.ts';

export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | { [key: string]: JsonValue };

export interface ParseOptions {
  /** Told of a repeated key. */
  onDuplicate?: (key: string) => void;
}

// Python's own limit is about 1000; deeper text would end in a stack overflow.
const MAX_DEPTH = 2000;
/** An array of so many items and fewer is given its exact size: V8 makes room for 17 with the first. */
const SMALL_ARRAY = 17;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
// Anything but quote, backslash and control characters.
const PLAIN = /[\x20\x21\x23-\x5b\x5d-\uffff]*/y;
const BLANKS = /[ \t\n\r]*/y;
/** The code of the highest blank. */
const BLANK = 0x20;
const INTEGER_KEY = /^(0|[1-9][0-9]{0,9})$/;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
/** By their first letters, which no number has; `-Infinity` is looked for where a number is none. */
const WORDS: Readonly<Record<string, readonly [string, JsonValue]>> = {
  n: ['null', null],
  t: ['true', true],
  f: ['false', false],
  N: ['NaN', Number.NaN],
  I: ['Infinity', Number.POSITIVE_INFINITY],
};
const NEGATIVE_INFINITY = '-Infinity';

/** Parses one JSON text. Throws DecodeError with line and column. */
export function parseJson(text: string, options: ParseOptions = {}): JsonValue {
  return parseMember(text, options).value;
}

/**
 * As parseJson, in an object of one member, which remembers the digits of a lone number too:
 * write it with `writeMember(holder, 'value')`.
 */
export function parseMember(text: string, options: ParseOptions = {}): { value: JsonValue } {
  const parser = new Parser(text, options);
  const holder: { value: JsonValue } = { value: parser.document() };
  if (parser.wasFloat(holder.value)) setOrigin(holder, { floats: new Map([['value', holder.value]]) });
  return holder;
}

class Parser {
  readonly #text: string;
  readonly #options: ParseOptions;
  #at = 0;
  #depth = 0;
  /** The last number had a fraction or an exponent. */
  #isFloat = false;

  constructor(text: string, options: ParseOptions) {
    this.#text = text;
    this.#options = options;
  }

  document(): JsonValue {
    if (this.#text.startsWith('\ufeff')) throw this.#error('a byte order mark is not allowed');
    this.#skipBlanks();
    const value = this.#value();
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw this.#error('extra text after the value');
    return value;
  }

  /** Was the value that was just read a float, which its JavaScript value does not show? */
  wasFloat(value: JsonValue): value is number {
    return typeof value === 'number' && this.#isFloat && Number.isSafeInteger(value);
  }

  #value(): JsonValue {
    const first = this.#text[this.#at] ?? '';
    if (first === '"') return this.#string();
    if (first === '{' || first === '[') return this.#nested(first);
    const word = WORDS[first];
    if (!word || !this.#text.startsWith(word[0], this.#at)) return this.#number();
    this.#at += word[0].length;
    return word[1];
  }

  #nested(open: '{' | '['): JsonValue {
    if (this.#depth === MAX_DEPTH) throw this.#error(`nested deeper than ${MAX_DEPTH} levels`);
    this.#depth += 1;
    this.#at += 1;
    this.#skipBlanks();
    const result = open === '{' ? this.#object() : this.#array();
    this.#depth -= 1;
    return result;
  }

  #object(): { [key: string]: JsonValue } {
    const object: { [key: string]: JsonValue } = {};
    if (this.#take('}')) return object;
    const origin: { floats?: Map<string, number>; keys?: string[] } = {};
    do {
      this.#skipBlanks();
      const key = this.#key();
      const isRepeated = Object.hasOwn(object, key);
      if (isRepeated) this.#options.onDuplicate?.(key);
      else if (origin.keys) origin.keys.push(key);
      else if (INTEGER_KEY.test(key)) origin.keys = [...Object.keys(object), key];
      const value = this.#value();
      if (isRepeated) origin.floats?.delete(key);
      if (this.wasFloat(value)) {
        origin.floats ??= new Map();
        origin.floats.set(key, value);
      }
      put(object, key, value);
    } while (this.#next('}'));
    if (origin.floats || origin.keys) setOrigin(object, origin);
    return object;
  }

  #key(): string {
    if (this.#text[this.#at] !== '"') throw this.#error('a key in double quotes is expected');
    const key = this.#string();
    this.#skipBlanks();
    if (!this.#take(':')) throw this.#error("':' is expected");
    this.#skipBlanks();
    return key;
  }

  #array(): JsonValue[] {
    const items: JsonValue[] = [];
    if (this.#take(']')) return items;
    let floats: number[] | undefined;
    do {
      this.#skipBlanks();
      const value = this.#value();
      if (this.wasFloat(value)) {
        if (floats) floats.push(items.length, value);
        else floats = [items.length, value];
      }
      items.push(value);
    } while (this.#next(']'));
    const array = items.length < SMALL_ARRAY ? items.slice() : items;
    if (floats) setOrigin(array, { floats });
    return array;
  }

  /** True after a comma, false after the closing bracket. */
  #next(close: string): boolean {
    this.#skipBlanks();
    if (this.#take(',')) return true;
    if (this.#take(close)) return false;
    throw this.#error(`',' or '${close}' is expected`);
  }

  #number(): number | bigint {
    NUMBER.lastIndex = this.#at;
    if (!NUMBER.test(this.#text)) return this.#negativeInfinity();
    const token = this.#text.slice(this.#at, NUMBER.lastIndex);
    this.#at = NUMBER.lastIndex;
    const value = Number(token);
    this.#isFloat = /[.eE]/.test(token);
    if (this.#isFloat) return value;
    if (!Number.isSafeInteger(value)) return BigInt(token);
    return value === 0 ? 0 : value; // Python's int('-0') is 0
  }

  #negativeInfinity(): number {
    if (!this.#text.startsWith(NEGATIVE_INFINITY, this.#at)) {
      throw this.#error(this.#at < this.#text.length ? 'a value is expected' : 'the text ends too early');
    }
    this.#at += NEGATIVE_INFINITY.length;
    return Number.NEGATIVE_INFINITY;
  }

  #string(): string {
    this.#at += 1;
    let result = '';
    for (;;) {
      PLAIN.lastIndex = this.#at;
      result += PLAIN.exec(this.#text)?.[0] ?? '';
      this.#at = PLAIN.lastIndex;
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next !== '\\')
        throw this.#error(next === undefined ? 'unterminated string' : 'control character in a string');
      result += this.#escape();
    }
    this.#at += 1;
    return result;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    const simple = ESCAPES[letter];
    if (simple !== undefined) {
      this.#at += 2;
      return simple;
    }
    const hex = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) throw this.#error('bad escape in a string');
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #skipBlanks(): void {
    if (this.#text.charCodeAt(this.#at) > BLANK) return;
    BLANKS.lastIndex = this.#at;
    BLANKS.exec(this.#text);
    this.#at = BLANKS.lastIndex;
  }

  #error(reason: string): DecodeError {
    const before = this.#text.slice(0, this.#at);
    const line = before.split('\n').length;
    const column = this.#at - before.lastIndexOf('\n');
    return new DecodeError(`not JSON: ${reason} (line ${line}, column ${column})`);
  }
}

function put(object: { [key: string]: JsonValue }, key: string, value: JsonValue): void {
  // defineProperty: `__proto__` is a key like any other.
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}
