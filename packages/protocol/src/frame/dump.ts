// The lines of an annotated dump: offset, bytes, type, name and value of one field each; headings and failures between.

const HEX_SHOWN = 12;
const TEXT_SHOWN = 120;
const MARGIN = ' '.repeat(6);
const MOST_LINES = 1_000_000;

/** One field, for a line. */
export interface Field {
  readonly position: number;
  /** Its bytes, length prefix included. */
  readonly bytes: Uint8Array;
  /** As in the protocol's grammar, e.g. `int32`. */
  readonly type: string;
  /** Path in the message; empty: none. */
  readonly name?: string;
  readonly value: string;
  /** Positions count in unpacked bytes, not in those that were given. */
  readonly isUnpacked?: boolean;
}

/** How much is shown. */
export interface DumpOptions {
  /** Passwords, tokens and proofs are counted, not shown; default false. */
  readonly hidesSecrets?: boolean;
  /** Records shown of each batch; default all. */
  readonly mostRecords?: number;
  /** A dump ends after so many lines, and says so; default a million. A small bomb unpacks to hundreds of millions. */
  readonly mostLines?: number;
}

/** Thrown to leave whatever goes on writing; not an error that anybody sees. */
export class DumpFull extends Error {}

/** Gathers lines. */
export class Dump {
  readonly lines: string[] = [];
  readonly hidesSecrets: boolean;
  readonly mostRecords: number;
  readonly mostLines: number;

  constructor(options: DumpOptions = {}) {
    this.hidesSecrets = options.hidesSecrets ?? false;
    this.mostRecords = options.mostRecords ?? Number.POSITIVE_INFINITY;
    this.mostLines = options.mostLines ?? MOST_LINES;
  }

  heading(text: string): void {
    this.#push(MARGIN + text);
  }

  field({ position, bytes, type, name = '', value, isUnpacked = false }: Field): void {
    const hex = Buffer.from(bytes.subarray(0, HEX_SHOWN)).toString('hex') + (bytes.length > HEX_SHOWN ? '..' : '');
    const what = name === '' ? value : `${name} = ${value}`;
    this.#push(`${at(position, isUnpacked)}${hex.padEnd(2 * HEX_SHOWN + 2)}  ${type.padEnd(15)}  ${what}`);
  }

  /** Why the bytes from this position on are not what they should be. */
  failure(position: number, reason: string, isUnpacked = false): void {
    this.#push(`${at(position, isUnpacked)}!! ${reason}`);
  }

  /** Bytes that nothing can be said about. */
  rest(bytes: Uint8Array, position: number, end: number, isUnpacked = false): void {
    if (end <= position) return;
    const left = bytes.subarray(position, end);
    // Among bytes that could not be read may be a secret.
    if (this.hidesSecrets) {
      const value = `${left.length} bytes, not shown`;
      return this.field({ position, bytes: new Uint8Array(), type: 'rest', value, isUnpacked });
    }
    this.field({ position, bytes: left, type: 'rest', value: shown(left), isUnpacked });
  }

  #push(line: string): void {
    if (this.lines.length >= this.mostLines) {
      this.lines.push(`${MARGIN}the dump ends here, after ${this.mostLines} lines`);
      throw new DumpFull();
    }
    this.lines.push(line);
  }
}

/** `~` marks positions in unpacked bytes. */
function at(position: number, isUnpacked: boolean): string {
  return `${position.toString(16).padStart(4, '0')}${isUnpacked ? '~' : ' '} `;
}

/** A value for people: text in quotes, bytes counted, and as text where they are text. */
export function shown(value: unknown): string {
  if (value instanceof Uint8Array) return shownBytes(value);
  return typeof value === 'string' ? quoted(value) : String(value);
}

function shownBytes(bytes: Uint8Array): string {
  const count = `${bytes.length} bytes`;
  const text = Buffer.from(bytes.subarray(0, 4 * TEXT_SHOWN)).toString('utf8');
  // Control characters and what is no UTF-8 (U+FFFD) say that it is not text.
  return text === '' || /[\p{Cc}\ufffd]/u.test(text.slice(0, TEXT_SHOWN)) ? count : `${count} ${quoted(text)}`;
}

function quoted(text: string): string {
  return text.length > TEXT_SHOWN ? `${JSON.stringify(text.slice(0, TEXT_SHOWN))}..` : JSON.stringify(text);
}
