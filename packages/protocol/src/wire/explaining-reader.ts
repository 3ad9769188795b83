// A reader that keeps a note of everything read through it: any codec is thereby a dump of its bytes, without a schema.
//
// It overrides the primitives. Names of fields come from a second reading ("naming") that hands out labels in place of
// values: the place at which the label of a note turns up in the message is that note's name. Where the bytes do not
// fit, the first reading throws; the naming one goes on with labels of notes that do not exist, so that everything up to
// there has its name, and the first thing that could not be read as well.
import { ProtocolError } from '../errors.ts';
import { MessageReader, Reader } from './reader.ts';

/** One thing that was read. */
export interface Note {
  readonly position: number;
  readonly end: number;
  /** As in the protocol's grammar, e.g. `int32`, `nullable string`, `array`. */
  readonly type: string;
  readonly value: unknown;
}

/** Notes of a reader and of those for its tagged fields; while `isNaming`, labels are read in place of values. */
export class Notes {
  readonly list: Note[] = [];
  readonly isNaming: boolean;
  readonly #most: number;
  readonly #objects = new Map<unknown, number>();
  /** Did the bytes not fit? Naming goes on nevertheless. */
  hasFailed = false;
  /** What was asked for since then. */
  #missed = 0;

  /** @param most beyond so many notes reading ends, as if the bytes did not fit */
  constructor(isNaming = false, most: number = Number.POSITIVE_INFINITY) {
    this.isNaming = isNaming;
    this.#most = most;
  }

  add(note: Note): number {
    if (this.list.length >= this.#most) return this.#refuse();
    return this.list.push(note) - 1;
  }

  #refuse(): number {
    if (!this.isNaming) throw new ProtocolError(`more than ${this.#most} fields`);
    this.hasFailed = true;
    return this.miss();
  }

  /** The number of a note that is not there. The first one would have been the next in `list`. */
  miss(): number {
    return this.list.length + this.#missed++;
  }

  /** An object that will be found again by its identity. */
  label(object: unknown, index: number): void {
    this.#objects.set(object, index);
  }

  /** The note whose label this is; undefined: something else, e.g. the default of a field that was not read. */
  indexOf(value: unknown): number | undefined {
    if (typeof value === 'number') return Number.isInteger(value) ? undefined : value - 0.5;
    if (typeof value === 'bigint') return value >= BIGINT_LABELS ? Number(value - BIGINT_LABELS) : undefined;
    if (typeof value === 'string') return value.startsWith(TEXT_LABEL) ? Number(value.slice(1)) : undefined;
    return this.#objects.get(value);
  }
}

/** Outside of what 64 bits can say: no default looks like it. */
const BIGINT_LABELS = 2n ** 64n;
const TEXT_LABEL = '\0';

/** Reads like any other, and takes notes. */
export class ExplainingReader extends MessageReader {
  readonly notes: Notes;
  /** Within a compound value the primitives it is made of are not noted. */
  #within = false;

  constructor(buffer: Buffer, flexible: boolean, notes: Notes, position = 0, end: number = buffer.length) {
    super(buffer, flexible, position, end);
    this.notes = notes;
  }

  override int8(): number {
    return this.#number('int8', () => super.int8());
  }

  override int16(): number {
    return this.#number('int16', () => super.int16());
  }

  override uint16(): number {
    return this.#number('uint16', () => super.uint16());
  }

  override int32(): number {
    return this.#number('int32', () => super.int32());
  }

  override uint32(): number {
    return this.#number('uint32', () => super.uint32());
  }

  override float64(): number {
    return this.#number('float64', () => super.float64());
  }

  override unsignedVarint(): number {
    return this.#number('varint', () => super.unsignedVarint());
  }

  override int64(): bigint {
    return this.#noted(
      'int64',
      () => super.int64(),
      (index) => BIGINT_LABELS + BigInt(index),
    );
  }

  override bool(): boolean {
    // A label has to be told from all others, which two values cannot be: this one is a number, and only carried.
    return this.#noted(
      'bool',
      () => super.bool(),
      (index) => (index + 0.5) as unknown as boolean,
    );
  }

  override uuid(): string {
    return this.#noted('uuid', () => super.uuid(), textLabel);
  }

  override string(): string {
    return this.#noted('string', () => super.string(), textLabel);
  }

  override nullableString(): string | null {
    return this.#noted<string | null>('nullable string', () => super.nullableString(), textLabel);
  }

  override bytes(): Buffer {
    return this.#noted(
      'bytes',
      () => super.bytes(),
      (index) => this.#labelledBytes(index),
    );
  }

  override nullableBytes(): Buffer | null {
    return this.#noted<Buffer | null>(
      'nullable bytes',
      () => super.nullableBytes(),
      (index) => this.#labelledBytes(index),
    );
  }

  override int32s(): number[] {
    return this.array(() => this.int32());
  }

  override nullableArray<T>(item: () => T): T[] | null {
    const position = this.position;
    const read: T[] = [];
    let index = -1;
    const note = (): number =>
      this.notes.add({ position, end: this.position, type: 'array', value: this.#countAt(position) });
    const items = this.#attempt(() =>
      super.nullableArray(() => {
        // Only naming goes on so far; of an array as long as a lie the first missing element is enough.
        if (this.notes.hasFailed) throw this.error('nothing more to be named');
        if (index < 0) index = note();
        const value = this.#outside(item);
        read.push(value);
        return value;
      }),
    );
    if (items && index < 0) index = note();
    if (items?.value === null && !this.notes.isNaming) return null;
    this.notes.label(read, index < 0 ? this.notes.miss() : index);
    return read;
  }

  override nullableStruct<T>(item: () => T): T | null {
    const position = this.position;
    let index = -1;
    const note = (value: boolean): number => this.notes.add({ position, end: this.position, type: 'struct', value });
    const struct = this.#attempt(() =>
      super.nullableStruct(() => {
        index = note(true);
        return this.#outside(item);
      }),
    );
    if (struct && index < 0) index = note(false);
    if (!this.notes.isNaming) return struct?.value ?? null;
    // An object in place of null too: there is nothing else that could be found again.
    const found = struct?.value ?? ({} as T);
    this.notes.label(found, index < 0 ? this.notes.miss() : index);
    return found;
  }

  override tags(known?: (tag: number, r: Reader) => boolean): void {
    if (!this.flexible) return super.tags(known);
    if (this.notes.hasFailed) return;
    const { position } = this;
    const index = this.notes.add({ position, end: Math.min(position + 1, this.end), type: 'tags', value: 0 });
    let count = 0;
    this.#attempt(() =>
      super.tags((tag, field) => {
        this.#amend(index, { value: ++count });
        return this.#outside(() => this.#tag(tag, field, known));
      }),
    );
  }

  protected override part(position: number, end: number): Reader {
    return new ExplainingReader(this.buffer, this.flexible, this.notes, position, end);
  }

  #number(type: string, read: () => number): number {
    // A half is added: no integer, and so no field's default, looks like a label.
    return this.#noted(type, read, (index) => index + 0.5);
  }

  #noted<T>(type: string, read: () => T, label: (index: number) => T): T {
    if (this.#within) return read();
    const position = this.position;
    const found = this.#attempt(read);
    if (!found) return label(this.notes.miss());
    const index = this.notes.add({ position, end: this.position, type, value: found.value });
    return this.notes.isNaming ? label(index) : found.value;
  }

  /** Reads something compound. @returns null when the bytes do not fit (or did not before) and this is naming */
  #attempt<T>(read: () => T): { readonly value: T } | null {
    if (this.notes.hasFailed) return null;
    try {
      return { value: this.#setWithin(true, read) };
    } catch (error) {
      if (!this.notes.isNaming || !(error instanceof ProtocolError)) throw error;
      this.notes.hasFailed = true;
      return null;
    }
  }

  /** The length of the array that begins here; null: a null one. */
  #countAt(position: number): number | null {
    const r = new Reader(this.buffer, this.flexible, position, this.end);
    const count = this.flexible ? r.unsignedVarint() - 1 : r.int32();
    return count < 0 ? null : count;
  }

  #amend(index: number, change: Partial<Note>): void {
    const note = this.notes.list[index];
    if (note) this.notes.list[index] = { ...note, ...change };
  }

  #tag(tag: number, field: Reader, known: ((tag: number, r: Reader) => boolean) | undefined): boolean {
    const { position, end } = field;
    const index = this.notes.add({ position, end, type: `tag ${tag}`, value: field.remaining });
    const isKnown = known?.(tag, field) ?? false;
    if (!isKnown) this.#amend(index, { type: `unknown tag ${tag}` });
    return isKnown;
  }

  #labelledBytes(index: number): Buffer {
    const bytes = Buffer.alloc(0);
    this.notes.label(bytes, index);
    return bytes;
  }

  #outside<T>(read: () => T): T {
    return this.#setWithin(false, read);
  }

  #setWithin<T>(within: boolean, read: () => T): T {
    const before = this.#within;
    this.#within = within;
    try {
      return read();
    } finally {
      this.#within = before;
    }
  }
}

function textLabel(index: number): string {
  return TEXT_LABEL + index;
}
