// What one reader sees of one partition: the log from its position on, in order, without gap or repeat.
import type { Entry, Histories, History } from './histories.ts';

/** A position that the client moved by itself and said so. */
export interface Jump {
  readonly from: number | null;
  readonly to: number;
}

/** One partition, from its assignment (or a seek) on. */
export class Reading {
  readonly topic: string;
  readonly partition: number;
  /** null: wherever it begins. */
  next: number | null;
  #history: History | null = null;
  #lineage = 0;
  readonly #histories: Histories;

  constructor(histories: Histories, topic: string, partition: number, next: number | null) {
    this.#histories = histories;
    this.topic = topic;
    this.partition = partition;
    this.next = next;
  }

  get history(): History | null {
    return this.#history;
  }

  /** @returns what is wrong with getting this record now; null: nothing */
  got(offset: number, id: string, jumps: Jump[]): string | null {
    if (this.next !== null && offset !== this.next) this.#follow(jumps, offset);
    const expected = this.next;
    if (expected !== null && offset !== expected) {
      return `got ${offset} instead of ${expected} (${offset > expected ? 'a gap' : 'a repeat'}), and no event said why`;
    }
    const problem = this.#contentProblem(offset, id, jumps);
    this.next = offset + 1;
    return problem;
  }

  /** The events that lead from where we are towards this offset, or as far as they go. */
  #follow(jumps: Jump[], offset: number): void {
    const end = endOfPath(offset, this.next ?? 0, jumps);
    if (end < 0) return;
    jumps.splice(0, end + 1);
    this.next = offset;
    this.#history = null;
  }

  #contentProblem(offset: number, id: string, jumps: Jump[]): string | null {
    const entry = this.#entryAt(offset, id) ?? this.#entryBeyond(offset, id, jumps);
    if (entry) return this.#lineageProblem(entry, jumps);
    const lives = this.#histories.all(this.topic, this.partition);
    const there = lives.flatMap((life) => life.at(offset)).map((other) => `${other.id} (life ${other.history.life})`);
    const where = this.#history ? ` (we read life ${this.#history.life})` : '';
    return `offset ${offset} gave ${id}, but there is ${there.join(', ') || 'nothing'}${where}`;
  }

  /** In another life of the topic, to whose same offset events have led. */
  #entryBeyond(offset: number, id: string, jumps: Jump[]): Entry | undefined {
    if (this.#history === null || endOfPath(offset, this.next ?? 0, jumps) < 0) return undefined;
    this.#follow(jumps, offset);
    return this.#entryAt(offset, id);
  }

  #entryAt(offset: number, id: string): Entry | undefined {
    const lives = this.#history ? [this.#history] : this.#histories.all(this.topic, this.partition);
    for (const life of [...lives].reverse()) {
      const entries = life.at(offset).filter((one) => one.id === id);
      const [entry] = entries;
      if (!entry) continue;
      // It may have been cut away and written again in the same place: nobody can tell which of them this is.
      if (this.#history === null || entries.length > 1) this.#lineage = entry.lineage;
      this.#history = life;
      return entry;
    }
    return undefined;
  }

  /** What was read and then cut away has to be said before what took its place is read on. */
  #lineageProblem(entry: Entry, jumps: Jump[]): string | null {
    const { cuts } = entry.history;
    const before = this.#lineage;
    this.#lineage = Math.max(before, entry.lineage);
    const lost = cuts.slice(before, entry.lineage).find((end) => end < entry.offset);
    if (lost === undefined) return null;
    const said = jumps.findIndex(({ to }) => to === entry.offset);
    if (said >= 0) {
      jumps.splice(said, 1);
      return null;
    }
    return `went on at ${entry.offset} though the log had been cut at ${lost}, and no event said so`;
  }
}

/**
 * The place in the list of the last event of those that lead, in their order, from here to there; -1: none do.
 * Events between them are other readers'.
 */
function endOfPath(to: number, from: number, jumps: readonly Jump[]): number {
  let lowest = from;
  for (const [i, jump] of jumps.entries()) {
    // What was fetched and not handed out counts as read in the event.
    if (jump.from !== null && jump.from < lowest) continue;
    if (jump.to === to) return i;
    lowest = Math.min(lowest, jump.to);
  }
  return -1;
}
