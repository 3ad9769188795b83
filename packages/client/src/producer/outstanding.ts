// Everything accepted and not yet settled, in the order of acceptance, which is also that of the deadlines: batches, and
// records that wait for room or for their topic.
import { Line, type Link } from './line.ts';

/** Something that has to be settled in time. */
export interface Unit {
  /** Order of acceptance; who takes the place of another has its number. */
  ticket: number;
  /** Of what was accepted first of it: they are in this order. */
  readonly deadlineMs: number;
  /** When something of it has to be settled next: not before that, when it has parts that came later. */
  readonly dueMs: number;
  /** Among the outstanding; null: not, or not any more. */
  place: Link<Unit> | null;
}

interface Watcher {
  readonly ticket: number;
  readonly done: () => void;
}

export class Outstanding {
  readonly #units: Line<Unit> = new Line();
  readonly #watchers: Line<Watcher> = new Line();
  #nextTicket = 1;

  get size(): number {
    return this.#units.size;
  }

  /** The oldest one. */
  get first(): Unit | undefined {
    return this.#units.first;
  }

  [Symbol.iterator](): IterableIterator<Unit> {
    return this.#units[Symbol.iterator]();
  }

  add(unit: Unit): void {
    unit.ticket = this.#nextTicket++;
    unit.place = this.#units.push(unit);
  }

  /** Settled. */
  remove(unit: Unit): void {
    unit.place?.remove();
    unit.place = null;
    this.#tell();
  }

  /** A record found its batch, or a batch was split: who waited for the one waits for the others. They are not out yet. */
  replace(unit: Unit, by: readonly Unit[]): void {
    const place = unit.place;
    if (!place) return;
    for (const other of by) {
      if (other.place && other.ticket < unit.ticket) continue; // older: a batch that was begun before
      other.place?.remove(); // younger: what waited outside is in it now
      other.ticket = unit.ticket;
      other.place = this.#units.insertBefore(place, other);
    }
    this.remove(unit);
  }

  /** Resolves when all that is outstanding now is settled. */
  settled(): { done: Promise<void>; leave(): void } {
    if (this.#units.size === 0) return { done: Promise.resolve(), leave: () => undefined };
    let link: Link<Watcher> | null = null;
    const done = new Promise<void>((resolve) => {
      link = this.#watchers.push({ ticket: this.#nextTicket - 1, done: resolve });
    });
    return { done, leave: () => link?.remove() };
  }

  #tell(): void {
    const oldest = this.#units.first?.ticket ?? Number.POSITIVE_INFINITY;
    for (let next = this.#watchers.first; next && next.ticket < oldest; next = this.#watchers.first) {
      this.#watchers.shift();
      next.done();
    }
  }
}
