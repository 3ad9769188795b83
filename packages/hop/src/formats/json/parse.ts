// JSON as Python's json.loads takes it: NaN and the infinities, integers of any size, the last of equal keys wins.
import { DecodeError } from '../../errors.ts';
import { pythonFloat } from './number.ts';
import { type Origin, setOrigin } from './origin.ts';

export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | { [key: string]: JsonValue };

export interface ParseOptions {
  /** Told of a repeated key. */
  onDuplicate?: (key: string) => void;
}

// Python's own limit is about 1000; deeper text would end in a stack overflow.
const MAX_DEPTH = 2000;
const NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
// Anything but quote, backslash and control characters.
const PLAIN = /[\x20\x21\x23-\x5b\x5d-\uffff]*/y;
const BLANKS = /[ \t\n\r]*/y;
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
const WORDS: readonly (readonly [string, JsonValue])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];

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
  const holder: { value: JsonValue } = { value: null };
  const origin: Origin = { numbers: new Map() };
  holder.value = parser.document(origin);
  setOrigin(holder, origin);
  return holder;
}

class Parser {
  readonly #text: string;
  readonly #options: ParseOptions;
  #at = 0;
  #depth = 0;

  constructor(text: string, options: ParseOptions) {
    this.#text = text;
    this.#options = options;
  }

  document(origin: Origin): JsonValue {
    if (this.#text.startsWith('\ufeff')) throw this.#error('a byte order mark is not allowed');
    this.#skipBlanks();
    const value = this.#value(origin, 'value');
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw this.#error('extra text after the value');
    return value;
  }

  /** One value; a float's digits are noted in the origin of what holds it. */
  #value(origin: Origin, key: string): JsonValue {
    const first = this.#text[this.#at];
    if (first === '"') return this.#string();
    if (first === '{') return this.#nested(() => this.#object());
    if (first === '[') return this.#nested(() => this.#array());
    const word = WORDS.find(([name]) => this.#text.startsWith(name, this.#at));
    if (!word) return this.#number(origin, key);
    this.#at += word[0].length;
    return word[1];
  }

  #nested<T>(read: () => T): T {
    if (this.#depth === MAX_DEPTH) throw this.#error(`nested deeper than ${MAX_DEPTH} levels`);
    this.#depth += 1;
    this.#at += 1;
    this.#skipBlanks();
    const result = read();
    this.#depth -= 1;
    return result;
  }

  #object(): { [key: string]: JsonValue } {
    const object: { [key: string]: JsonValue } = {};
    const origin: Origin = { numbers: new Map() };
    const keys = new Set<string>();
    if (!this.#take('}')) {
      do {
        this.#skipBlanks();
        this.#entry(object, origin, keys);
      } while (this.#next('}'));
    }
    const mixed = [...keys].some((key) => INTEGER_KEY.test(key));
    if (mixed) setOrigin(object, { ...origin, keys: [...keys] });
    else if (origin.numbers.size > 0) setOrigin(object, origin);
    return object;
  }

  #entry(object: { [key: string]: JsonValue }, origin: Origin, keys: Set<string>): void {
    if (this.#text[this.#at] !== '"') throw this.#error('a key in double quotes is expected');
    const key = this.#string();
    if (keys.has(key)) this.#options.onDuplicate?.(key);
    keys.add(key);
    origin.numbers.delete(key);
    this.#skipBlanks();
    if (!this.#take(':')) throw this.#error("':' is expected");
    this.#skipBlanks();
    const value = this.#value(origin, key);
    // defineProperty: `__proto__` is a key like any other.
    if (key === '__proto__') {
      Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
    } else object[key] = value;
  }

  #array(): JsonValue[] {
    const array: JsonValue[] = [];
    const origin: Origin = { numbers: new Map() };
    if (!this.#take(']')) {
      do {
        this.#skipBlanks();
        array.push(this.#value(origin, String(array.length)));
      } while (this.#next(']'));
    }
    if (origin.numbers.size > 0) setOrigin(array, origin);
    return array;
  }

  /** True after a comma, false after the closing bracket. */
  #next(close: string): boolean {
    this.#skipBlanks();
    if (this.#take(',')) return true;
    if (this.#take(close)) return false;
    throw this.#error(`',' or '${close}' is expected`);
  }

  #number(origin: Origin, key: string): number | bigint {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (!match) throw this.#error(this.#at < this.#text.length ? 'a value is expected' : 'the text ends too early');
    this.#at = NUMBER.lastIndex;
    const [token, integer = '0', fraction, exponent] = match;
    if (fraction === undefined && exponent === undefined) return wholeNumber(integer);
    const value = Number(token);
    origin.numbers.set(key, { value, text: pythonFloat(value) });
    return value;
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

function wholeNumber(digits: string): number | bigint {
  const value = Number(digits);
  if (!Number.isSafeInteger(value)) return BigInt(digits);
  return value === 0 ? 0 : value; // Python's int('-0') is 0
}
