// What of a partition was handed out, and what of that is done. Several records or batches may be in hand at a time, and
// may be done in any order; only the contiguous prefix counts.
//
//        done                 in hand, some of them done        not handed out yet
//   ----------------|--------------------------------------|----------------------->
//               doneOffset                              position

/** What the user works on: a record or a batch. */
export interface InHand {
  readonly offset: bigint;
  /** The position once this is done. */
  readonly nextOffset: bigint;
  /** Offset of the first record of it at or after `from`; `nextOffset` if there is none. Left out: offsets have no gaps. */
  recordAt?(from: bigint): bigint;
}

/** The account of one incarnation of a partition: a seek or a reset begins another one. */
export class Progress {
  /** In the order of their offsets. The first one is not done (but perhaps marked in part). */
  readonly #hands: InHand[] = [];
  readonly #start: bigint;
  #wasHanded = false;
  /** Done, but something before them is not. */
  #ahead: Set<InHand> | null = null;
  #marks: Map<InHand, Marks> | null = null;
  #position: bigint;

  constructor(position: bigint) {
    this.#position = position;
    this.#start = position;
  }

  /** Nothing was ever handed out or passed over. */
  get isUntouched(): boolean {
    return !this.#wasHanded && this.position === this.#start;
  }

  /** Something is done, or was passed over because nobody is to see it. */
  get hasDone(): boolean {
    return this.doneOffset > this.#start;
  }

  /** The next offset to be handed out. */
  get position(): bigint {
    return this.#hands.at(-1)?.nextOffset ?? this.#position;
  }

  /** Everything below is done. */
  get doneOffset(): bigint {
    const first = this.#hands[0];
    if (first === undefined) return this.#position;
    return this.#marks?.get(first)?.upTo ?? first.offset;
  }

  get isIdle(): boolean {
    return this.#hands.length === 0;
  }

  /** Handed out. */
  hand(what: InHand): void {
    this.#wasHanded = true;
    this.#hands.push(what);
  }

  /** `before` is done and `next` is handed out: what a loop over records does for each record. */
  advance(before: InHand, next: InHand): void {
    if (this.#hands.length === 1 && this.#hands[0] === before && this.#marks === null) this.#hands[0] = next;
    else {
      this.finish(before);
      this.hand(next);
    }
  }

  /** Everything of it is done. */
  finish(what: InHand): void {
    if (!this.#hands.includes(what)) return;
    this.#marks?.delete(what);
    this.#ahead ??= new Set();
    this.#ahead.add(what);
    for (let first = this.#hands[0]; first !== undefined && this.#ahead.delete(first); first = this.#hands[0]) {
      this.#hands.shift();
      this.#position = first.nextOffset;
    }
    if (this.#marks?.size === 0) this.#marks = null;
  }

  /** Reading goes on further: what lies between was control records, or was compacted away. */
  skipTo(offset: bigint): void {
    if (this.#hands.length === 0 && offset > this.#position) this.#position = offset;
  }

  /**
   * A record is done, in whatever order. What is not in hand (any more) is left alone.
   *
   * @returns whether it was in hand
   */
  markDone(record: { offset: bigint; nextOffset: bigint }): boolean {
    const holder = this.#hands.find((hand) => hand.offset <= record.offset && record.nextOffset <= hand.nextOffset);
    if (holder === undefined) return false;
    this.#marks ??= new Map();
    const marks = this.#marks.get(holder) ?? new Marks(holder);
    this.#marks.set(holder, marks);
    marks.add(record.offset, record.nextOffset);
    return true;
  }

  /** The loop was left: what is in hand comes again, unless it was marked as done. @returns must anything come again? */
  letGo(): boolean {
    const done = this.doneOffset;
    const isUndone = this.#hands.length > 0 && done < this.position;
    this.#hands.length = 0;
    this.#ahead = null;
    this.#marks = null;
    this.#position = done;
    return isUndone;
  }
}

/** Which records within a batch in hand are done. */
class Marks {
  readonly #holder: InHand;
  /** Marked, and not contiguous with what is below `upTo`. */
  readonly #beyond = new Map<bigint, bigint>();
  upTo: bigint;

  constructor(holder: InHand) {
    this.#holder = holder;
    this.upTo = this.#record(holder.offset);
  }

  add(offset: bigint, nextOffset: bigint): void {
    if (offset < this.upTo) return;
    this.#beyond.set(offset, nextOffset);
    for (let next = this.#beyond.get(this.upTo); next !== undefined; next = this.#beyond.get(this.upTo)) {
      this.#beyond.delete(this.upTo);
      this.upTo = this.#record(next);
    }
  }

  #record(from: bigint): bigint {
    return this.#holder.recordAt?.(from) ?? from;
  }
}
