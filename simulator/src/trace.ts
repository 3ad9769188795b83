// What happened: the hash of everything, by which two runs are compared, and the last lines, for a reader.
import { createHash, type Hash } from 'node:crypto';

const PAGE = 64 * 1024;

/** A line whose text is made only when somebody reads it. */
type Line = readonly [atMs: number, text: string | (() => string)];

export class Trace {
  /** Prints each line as it comes; null: silent. */
  live: ((line: string) => void) | null = null;
  readonly #hash: Hash = createHash('sha256');
  readonly #page = Buffer.allocUnsafe(PAGE);
  readonly #now: () => number;
  readonly #keep: number;
  readonly #lines: Line[] = [];
  #used = 0;
  #next = 0;

  /** @param keep how many lines are kept for a reader */
  constructor(now: () => number, keep: number) {
    this.#now = now;
    this.#keep = keep;
  }

  /** Something worth a line; its text counts in the hash. */
  say(text: string): void {
    if (text.length > PAGE - this.#used) this.#flush();
    if (text.length > PAGE) this.#hash.update(text);
    else this.#used += this.#page.write(text, this.#used, 'latin1');
    this.#line(text);
  }

  /** Bytes on the wire; `text` describes them. */
  bytes(tag: number, bytes: Uint8Array, text: () => string): void {
    const head = Buffer.allocUnsafe(12);
    head.writeDoubleLE(this.#now(), 0);
    head.writeInt32LE(tag, 8);
    this.#take(head);
    this.#take(bytes);
    this.#line(text);
  }

  /** The last lines, oldest first. */
  tail(count: number): string[] {
    const from = this.#lines.length < this.#keep ? 0 : this.#next;
    const ordered = [...this.#lines.slice(from), ...this.#lines.slice(0, from)];
    return ordered.slice(-count).map(textOf);
  }

  /** Ends the trace. */
  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #line(text: Line[1]): void {
    const line: Line = [this.#now(), text];
    this.#lines[this.#next] = line;
    this.#next = (this.#next + 1) % this.#keep;
    this.live?.(textOf(line));
  }

  #take(bytes: Uint8Array): void {
    if (bytes.length > PAGE - this.#used) this.#flush();
    if (bytes.length > PAGE) {
      this.#hash.update(bytes);
      return;
    }
    this.#page.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #flush(): void {
    this.#hash.update(this.#page.subarray(0, this.#used));
    this.#used = 0;
  }
}

function textOf([atMs, text]: Line): string {
  return `${(atMs / 1000).toFixed(6).padStart(11)}  ${typeof text === 'string' ? text : text()}`;
}
