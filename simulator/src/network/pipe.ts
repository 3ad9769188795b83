// One direction of a connection: bytes leave in order, arrive in order, later and perhaps in pieces, or not at all.
import type { Realm } from '../event-queue.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Link } from './link.ts';

/** What a kernel takes from a writer before it makes it wait. */
const WINDOW_BYTES = 64 * 1024;
const MOST_PIECES = 4;

/** Where bytes arrive. */
export interface Receiver {
  /** @returns false: no more before `resume` is called */
  arrive(bytes: Buffer): boolean;
  /** Nothing follows. */
  finished(): void;
}

/** What all directions of all connections share. */
export interface PipeContext {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly link: Link;
}

type Item = Buffer | 'end';

export class Pipe {
  /** Nothing arrives any more; the writer does not notice. */
  isDead = false;
  readonly #context: PipeContext;
  /** Whose thread the receiver runs in. */
  readonly #realm: Realm;
  readonly #receiver: Receiver;
  /** Arrived, and not taken: the receiver is busy or its process stands still. */
  readonly #arrived: Item[] = [];
  #waiting: (() => void)[] = [];
  #underWay = 0;
  #lastAt = 0;
  #isPaused = false;
  #isClosed = false;

  constructor(context: PipeContext, realm: Realm, receiver: Receiver) {
    this.#context = context;
    this.#realm = realm;
    this.#receiver = receiver;
  }

  /** @param taken told when the writer may go on */
  send(bytes: Buffer, taken: () => void): void {
    this.#underWay += bytes.length;
    if (this.#underWay <= WINDOW_BYTES) taken();
    else this.#waiting.push(taken);
    if (this.isDead) return;
    for (const piece of this.#pieces(bytes)) this.#dispatch(piece);
  }

  /** After everything that was sent. */
  finish(): void {
    if (!this.isDead) this.#dispatch('end');
  }

  /** The receiver is gone: whatever still comes is dropped. */
  close(): void {
    this.#isClosed = true;
    this.#arrived.length = 0;
  }

  /** The receiver, or its process, takes bytes again. */
  resume(): void {
    this.#isPaused = false;
    this.#deliver();
  }

  #dispatch(item: Item): void {
    const { scheduler, random, link } = this.#context;
    const size = item === 'end' ? 0 : item.length;
    const [low, high] = link.latencyMs;
    const takes = random.between(low, high) + size / link.bytesPerMs;
    this.#lastAt = Math.max(this.#lastAt, scheduler.now + takes);
    scheduler.at(this.#lastAt, 'io', this.#realm, () => {
      if (this.isDead || this.#isClosed) return;
      this.#arrived.push(item);
      this.#deliver();
    });
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isClosed && !this.#context.link.isFrozen) {
      const item = this.#arrived.shift();
      if (item === undefined) return;
      if (item === 'end') this.#receiver.finished();
      else this.#hand(item);
    }
  }

  #hand(bytes: Buffer): void {
    this.#underWay -= bytes.length;
    if (!this.#receiver.arrive(bytes)) this.#isPaused = true;
    if (this.#underWay > WINDOW_BYTES) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const taken of waiting) taken();
  }

  #pieces(bytes: Buffer): Buffer[] {
    const { random, link } = this.#context;
    if (bytes.length < 2 || !random.chance(link.pieces)) return [bytes];
    const borders = Array.from({ length: random.int(1, MOST_PIECES - 1) }, () => random.int(1, bytes.length - 1));
    const ends = [...new Set([...borders, bytes.length])].sort((a, b) => a - b);
    return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
  }
}
