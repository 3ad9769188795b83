// The part of a dump that a codec reads: every field of a body, record sets taken apart where they stand.
import { type AnyApi, isFlexible } from '../api.ts';
import { errorByCode } from '../error-codes.ts';
import { ProtocolError } from '../errors.ts';
import { ExplainingReader, type Note, Notes } from '../wire/explaining-reader.ts';
import type { Reader } from '../wire/reader.ts';
import { type Dump, shown } from './dump.ts';
import { explainRecords } from './explain-records.ts';
import { checkVersion } from './message.ts';

/** A part of the bytes that are explained. */
export interface Span {
  readonly bytes: Buffer;
  readonly position: number;
  readonly end: number;
}

export type Direction = 'request' | 'response';

type Names = ReadonlyMap<number, string>;

const API_VERSIONS = 18;
const UNSUPPORTED_VERSION = 35;

/** APIs whose field `records` is a record set: Produce's request; Fetch's and ShareFetch's response. */
const WITH_RECORDS: Readonly<Record<Direction, readonly number[]>> = { request: [0], response: [1, 78] };

/** Names of fields that hold passwords, what they were salted to, or tokens. */
const SECRET = /(^|\.)(authBytes|saltedPassword|hmac)$/;

/** Configurations whose values Kafka keeps to itself (its type PASSWORD), and what plugins call theirs. */
const SECRET_CONFIG = /password|secret|jaas|token|credential|keystore\.(key|certificate)|truststore\.certificates/i;

/** Writes a line for each field of a body, and where it ends in error. */
export function explainBody(dump: Dump, span: Span, api: AnyApi, version: number, direction: Direction): void {
  dump.heading(`${api.name} v${version} ${direction}`);
  const read = (r: Reader): unknown => api[direction].decode(r, version);
  try {
    checkVersion(api, version);
  } catch (error) {
    return failed(dump, span, span.position, error, undefined);
  }
  if (isRefusal(api, version, direction, span)) {
    dump.heading('UNSUPPORTED_VERSION, and therefore in the layout of v0');
    return explainBody(dump, span, api, 0, direction);
  }
  const at = explainWith(dump, span, isFlexible(api, version), read, WITH_RECORDS[direction].includes(api.key));
  if (at === null || at === span.end) return;
  dump.failure(at, `${span.end - at} bytes left over after the body`);
  dump.rest(span.bytes, at, span.end);
}

/**
 * Writes a line for each field of a header.
 *
 * @returns where the body starts; null: the bytes do not reach so far, and the dump says so
 */
export function explainHeader(dump: Dump, span: Span, flexible: boolean, read: (r: Reader) => unknown): number | null {
  return explainWith(dump, span, flexible, read, false);
}

/** KIP-511: a broker answers a version of ApiVersions that it does not know in the layout of version 0. */
function isRefusal(api: AnyApi, version: number, direction: Direction, { bytes, position, end }: Span): boolean {
  if (api.key !== API_VERSIONS || direction !== 'response' || version === 0) return false;
  return end - position >= 2 && bytes.readInt16BE(position) === UNSUPPORTED_VERSION;
}

/** @returns the position after what was read; null: it ended in error */
function explainWith(
  dump: Dump,
  { bytes, position, end }: Span,
  flexible: boolean,
  read: (r: Reader) => unknown,
  withRecords: boolean,
): number | null {
  const notes = new Notes(false, dump.mostLines);
  const r = new ExplainingReader(bytes, flexible, notes, position, end);
  const names = namesOf(read, new ExplainingReader(bytes, flexible, new Notes(true, dump.mostLines), position, end));
  try {
    read(r);
  } catch (error) {
    writeNotes(dump, bytes, notes.list, names, withRecords);
    failed(dump, { bytes, position, end }, endOf(notes.list, position), error, names.get(notes.list.length));
    return null;
  }
  writeNotes(dump, bytes, notes.list, names, withRecords);
  return r.position;
}

function writeNotes(dump: Dump, bytes: Buffer, notes: readonly Note[], names: Names, withRecords: boolean): void {
  const secrets = new Secrets();
  for (const [index, { position, end, type, value }] of notes.entries()) {
    const name = names.get(index) ?? '';
    const isSecret = secrets.has(name, value) && dump.hidesSecrets;
    const shownValue = isSecret ? `${sizeOf(value)} bytes, not shown` : meaning(name, value);
    const own = isSecret ? new Uint8Array() : bytes.subarray(position, end);
    dump.field({ position, bytes: own, type, name, value: shownValue });
    const isRecordSet = withRecords && value instanceof Uint8Array && /(^|\.)records$/.test(name);
    if (isRecordSet) explainRecords(dump, bytes, end - value.length, end);
  }
}

/** To be asked for each field in order: the name of a configuration stands before its values. */
class Secrets {
  /** Path of the last configuration that is one; null: none. */
  #config: string | null = null;

  has(path: string, value: unknown): boolean {
    const [parent = '', field = ''] = /^(.*)\.([^.]*)$/.exec(path)?.slice(1) ?? ['', path];
    if (field === 'name' && /configs\[\d+\]$/.test(parent)) {
      this.#config = typeof value === 'string' && SECRET_CONFIG.test(value) ? parent : null;
    }
    if (SECRET.test(path)) return value instanceof Uint8Array;
    return field === 'value' && value !== null && this.#config !== null && path.startsWith(this.#config);
  }
}

function sizeOf(value: unknown): number {
  return value instanceof Uint8Array ? value.length : Buffer.byteLength(String(value));
}

function meaning(name: string, value: unknown): string {
  const isError = typeof value === 'number' && value !== 0 && /errorCode$/i.test(name);
  return isError ? `${value} ${errorByCode(value).name}` : shown(value);
}

function failed(dump: Dump, { bytes, end }: Span, position: number, error: unknown, name: string | undefined): void {
  if (!(error instanceof ProtocolError)) throw error;
  dump.failure(position, name ? `${name}: ${error.message}` : error.message);
  dump.rest(bytes, position, end);
}

/** Where the last thing that could be read ends. A tag is noted with all of its bytes before they are read. */
function endOf(notes: readonly Note[], start: number): number {
  const last = notes.at(-1);
  if (!last) return start;
  return /^tag /.test(last.type) ? last.position : last.end;
}

/** The path at which each note's label turns up, and that of the first thing that could not be read. */
function namesOf(read: (r: Reader) => unknown, r: ExplainingReader): Names {
  const names = new Map<number, string>();
  const walk = (path: string, value: unknown): void => {
    const index = r.notes.indexOf(value);
    if (index !== undefined && path !== '' && !names.has(index)) names.set(index, path);
    if (Array.isArray(value)) for (const [i, item] of value.entries()) walk(`${path}[${i}]`, item);
    else if (isStruct(value)) for (const [name, field] of Object.entries(value)) walk(joined(path, name), field);
  };
  try {
    walk('', read(r));
  } catch (error) {
    // A codec's own complaint about a value: the first reading says the same, and its fields stay without names.
    if (!(error instanceof ProtocolError)) throw error;
  }
  return names;
}

function isStruct(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
