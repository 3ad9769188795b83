// Annotated dumps: every field of a message with its offset, bytes, type, name and value.
import { type AnyApi, isFlexible } from '../api.ts';
import { ProtocolError } from '../errors.ts';
import { ExplainingReader, type Note, Notes } from '../wire/explaining-reader.ts';
import type { Reader } from '../wire/reader.ts';
import { hasResponseHeaderTags } from './headers.ts';

const HEX_SHOWN = 12;
const TEXT_SHOWN = 120;

/** What the bytes are said to be. A request frame says itself which API and version it is. */
export type Explained =
  | { readonly part: 'request frame'; readonly apiByKey: (key: number) => AnyApi | undefined }
  | { readonly part: 'response frame' | 'request' | 'response'; readonly api: AnyApi; readonly version: number };

/**
 * A line for each thing that was read. Bytes that do not fit end it with the reason and what is left of them.
 *
 * @param bytes a frame without its size, or a body
 */
export function explain(bytes: Buffer, what: Explained): string {
  const dump = new Dump(bytes);
  try {
    dump.message(what);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    dump.failed(error);
  }
  return dump.lines.join('\n');
}

class Dump {
  readonly lines: string[] = [];
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  message(what: Explained): void {
    if (what.part === 'request frame') this.#requestFrame(what.apiByKey);
    else if (what.part === 'response frame') this.#responseFrame(what.api, what.version);
    else this.#body(what.api, what.version, what.part);
  }

  failed(error: ProtocolError): void {
    this.lines.push(`!!    ${error.message}`);
    const rest = this.#bytes.subarray(this.#position);
    if (rest.length > 0) this.#line(this.#position, rest, 'rest', '', `${rest.length} bytes`);
  }

  #requestFrame(apiByKey: (key: number) => AnyApi | undefined): void {
    const [key, version] = this.#header(false, (r) => [r.int16(), r.int16()], ['apiKey', 'apiVersion']);
    const api = apiByKey(key ?? -1);
    this.#header(false, (r) => [r.int32(), r.nullableString()], ['correlationId', 'clientId']);
    if (!api || version === undefined) throw new ProtocolError(`request with unknown API key ${key}`);
    if (isFlexible(api, version)) this.#header(true, (r) => r.tags(), ['header']);
    this.#body(api, version, 'request');
  }

  #responseFrame(api: AnyApi, version: number): void {
    this.#header(false, (r) => r.int32(), ['correlationId']);
    if (hasResponseHeaderTags(api, version)) this.#header(true, (r) => r.tags(), ['header']);
    this.#body(api, version, 'response');
  }

  #header<T>(flexible: boolean, read: (r: Reader) => T, names: readonly string[]): T {
    const notes = new Notes();
    const r = new ExplainingReader(this.#bytes, flexible, notes, this.#position);
    try {
      return read(r);
    } finally {
      this.#position = r.position;
      this.#write(notes.list, new Map(names.entries()));
    }
  }

  #body(api: AnyApi, version: number, direction: 'request' | 'response'): void {
    this.lines.push(`      ${api.name} v${version} ${direction}`);
    if (version < api.versions[0] || version > api.versions[1]) {
      throw new ProtocolError(`${api.name} has no v${version}: v${api.versions[0]}-${api.versions[1]} exist`);
    }
    const notes = new Notes();
    const r = new ExplainingReader(this.#bytes, isFlexible(api, version), notes, this.#position);
    let names: ReadonlyMap<number, string> = new Map();
    try {
      read(api, version, direction, r);
      names = namesOf(
        api,
        version,
        direction,
        new ExplainingReader(r.buffer, r.flexible, new Notes(true), this.#position),
      );
      r.finish(`${api.name} v${version} ${direction}`);
    } finally {
      this.#position = r.position;
      this.#write(notes.list, names);
    }
  }

  #write(notes: readonly Note[], names: ReadonlyMap<number, string>): void {
    for (const [index, { position, end, type, value }] of notes.entries()) {
      this.#line(position, this.#bytes.subarray(position, end), type, names.get(index) ?? '', shown(value));
    }
  }

  #line(position: number, bytes: Buffer, type: string, name: string, value: string): void {
    const hex = bytes.toString('hex', 0, HEX_SHOWN) + (bytes.length > HEX_SHOWN ? '..' : '');
    const offset = position.toString(16).padStart(4, '0');
    this.lines.push(
      `${offset}  ${hex.padEnd(2 * HEX_SHOWN + 2)}  ${type.padEnd(15)}  ${name ? `${name} = ` : ''}${value}`,
    );
  }
}

function read(api: AnyApi, version: number, direction: 'request' | 'response', r: Reader): unknown {
  return direction === 'request' ? api.decodeRequest(r, version) : api.decodeResponse(r, version);
}

/** The path at which each note's label turns up. */
function namesOf(
  api: AnyApi,
  version: number,
  direction: 'request' | 'response',
  r: ExplainingReader,
): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const walk = (path: string, value: unknown): void => {
    const index = r.notes.indexOf(value);
    if (index !== undefined && path !== '') names.set(index, path);
    if (Array.isArray(value)) for (const [i, item] of value.entries()) walk(`${path}[${i}]`, item);
    else if (isStruct(value)) for (const [name, field] of Object.entries(value)) walk(joined(path, name), field);
  };
  walk('', read(api, version, direction, r));
  return names;
}

function isStruct(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value !== 'string') return String(value);
  return value.length > TEXT_SHOWN ? `${JSON.stringify(value.slice(0, TEXT_SHOWN))}..` : JSON.stringify(value);
}
