// The bound on what a producer holds: who finds no room waits in line, and is let in order.
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';
import { Line, type Link } from './line.ts';

/** Those whose time is up within this of each other end at the same moment. */
const SAME_MOMENT_MS = 10;

interface Waiter {
  readonly bytes: number;
  readonly admit: () => void;
  /** The producer is closed. */
  readonly refuse: (reason: Error) => void;
}

/** A place in the line; whoever gives up leaves it. */
export interface Place {
  leave(): void;
}

/** Counts the bytes of all records that are accepted and not yet settled. */
export class Memory {
  readonly #limit: number;
  readonly #line: Line<Waiter> = new Line();
  #used = 0;
  /** Of that, what is kept for those who were told that there is room, until the next turn of the event loop. */
  #granted = 0;
  #isAdmitting = false;
  #heldBack: Timer | null = null;
  /** What was refused last: `whenRoom` is about that much. */
  #wanted = 1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get usedBytes(): number {
    return this.#used - this.#granted;
  }

  get hasWaiters(): boolean {
    return this.#line.size > 0;
  }

  /** False: full, or others were there before. A record larger than the whole limit gets in when nothing else is. */
  tryReserve(bytes: number): boolean {
    if (this.hasWaiters || !this.#fits(bytes)) return false;
    this.#used += bytes;
    return true;
  }

  /** As `tryReserve`, for those who do not stand in line themselves: room that was announced to them is theirs. */
  tryReserveAnnounced(bytes: number): boolean {
    const granted = Math.min(bytes, this.#granted);
    if ((granted === 0 && this.hasWaiters) || !this.#fits(bytes - granted)) {
      this.#wanted = bytes;
      return false;
    }
    this.#granted -= granted;
    this.#used += bytes - granted;
    return true;
  }

  /** Resolves when what was refused last would find room, which is kept for it until the next turn of the event loop. */
  whenRoom(): { room: Promise<void>; leave(): void } {
    const bytes = this.#wanted;
    if (!this.hasWaiters && this.#fits(bytes)) return { room: Promise.resolve(), leave: () => undefined };
    const place: { leave(): void } = { leave: () => undefined };
    const room = new Promise<void>((resolve, reject) => {
      const admit = (): void => {
        this.#granted += bytes;
        clock.afterIo(() => this.#takeBack(bytes));
        resolve();
      };
      place.leave = this.wait(bytes, admit, reject).leave;
    });
    return { room, leave: () => place.leave() };
  }

  /** `admit` is called once, with the bytes reserved. */
  wait(bytes: number, admit: () => void, refuse: (reason: Error) => void = () => undefined): Place {
    const link = this.#line.push({ bytes, admit, refuse });
    return { leave: () => this.#leave(link) };
  }

  release(bytes: number): void {
    this.#used -= bytes;
    this.#admit();
  }

  /**
   * Nobody is let in for a moment. For when time is up or a signal is aborted: those to whom the same happens now leave the
   * line first, instead of being sent in the place of those that left before them.
   */
  holdBack(): void {
    this.#heldBack ??= after(SAME_MOMENT_MS, () => {
      this.#heldBack = null;
      this.#admit();
    });
  }

  #takeBack(bytes: number): void {
    const left = Math.min(bytes, this.#granted);
    this.#granted -= left;
    this.release(left);
  }

  /** Nobody is let in any more. */
  close(reason: Error): void {
    clock.clearTimer(this.#heldBack);
    for (const waiter of this.#line) waiter.refuse(reason);
    while (this.#line.shift());
  }

  /** Those behind may be smaller and fit. */
  #leave(link: Link<Waiter>): void {
    link.remove();
    this.#admit();
  }

  /** What is let in may leave at once and free its room again: this goes on in the same loop, not deeper and deeper. */
  #admit(): void {
    if (this.#isAdmitting || this.#heldBack !== null) return;
    this.#isAdmitting = true;
    try {
      for (let next = this.#line.first; next && this.#fits(next.bytes); next = this.#line.first) {
        this.#line.shift();
        this.#used += next.bytes;
        next.admit();
      }
    } finally {
      this.#isAdmitting = false;
    }
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#limit;
  }
}
