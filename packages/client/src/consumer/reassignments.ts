// Changes of what a reader reads that was given its partitions: one after the other, and nothing is handed out meanwhile.
import { TimeoutError } from '../errors.ts';
import type { PartitionStart, Waiting } from '../types.ts';
import { Deadline, waitFor } from '../util/timers.ts';
import { Turns } from '../util/turns.ts';
import type { Parts } from './parts.ts';

export class Reassignments<K, V> {
  readonly #parts: Parts<K, V>;
  readonly #checkAlive: () => void;
  readonly #turns = new Turns();
  #placed: Promise<void> | null = null;
  #count = 0;

  constructor(parts: Parts<K, V>, checkAlive: () => void) {
    this.#parts = parts;
    this.#checkAlive = checkAlive;
  }

  /** What is handed out now would not be committed before its partition goes. */
  get areUnderWay(): boolean {
    return this.#count > 0;
  }

  /**
   * Resolves when the positions of the new ones are known.
   *
   * @param deadline of the commit of what was read before, also when the caller names no time
   */
  async assign(partitions: readonly PartitionStart[], waiting: Waiting, deadline: Deadline): Promise<void> {
    this.#count++;
    this.#parts.engine.isHeld = true;
    const turn = this.#turns.take(() => this.#take(partitions, waiting, deadline).finally(() => this.#isOver()));
    await waitFor(turn, waiting, () => lateAssign(waiting.timeoutMs ?? 0));
    const limits = waiting.timeoutMs === undefined ? waiting : { ...waiting, timeoutMs: deadline.remainingMs };
    await waitFor(this.#untilPlaced(), limits, () => this.#parts.ownership.lateAssignment(limits));
  }

  /** What is called while some are under way is done when they are. */
  async before<T>(what: string, waiting: Waiting, work: (waiting: Waiting) => Promise<T>): Promise<T> {
    if (!this.areUnderWay) return work(waiting);
    const deadline = new Deadline(waiting.timeoutMs ?? Number.POSITIVE_INFINITY);
    const turn = this.#turns.take(async () => undefined);
    await waitFor(turn, waiting, () => new TimeoutError(what, waiting.timeoutMs ?? 0));
    return work(waiting.timeoutMs === undefined ? waiting : { ...waiting, timeoutMs: deadline.remainingMs });
  }

  async #untilPlaced(): Promise<void> {
    do await this.#whenPlaced();
    while (!this.#parts.ownership.isPlaced); // others were taken as soon as those before had their positions
  }

  /** All that wait now look together: with a look of its own each of many would look at all partitions after each change. */
  #whenPlaced(): Promise<void> {
    this.#placed ??= this.#parts.ownership.whenAssigned({}).finally(() => {
      this.#placed = null;
    });
    return this.#placed;
  }

  async #take(partitions: readonly PartitionStart[], waiting: Waiting, deadline: Deadline): Promise<void> {
    const { commits, assignment, ownership } = this.#parts;
    await commits.commitAll(assignment, { ...waiting, timeoutMs: deadline.remainingMs });
    this.#checkAlive();
    waiting.signal?.throwIfAborted();
    if (waiting.timeoutMs !== undefined && deadline.passed) throw lateAssign(waiting.timeoutMs);
    ownership.take(partitions);
  }

  #isOver(): void {
    this.#count--;
    this.#parts.buffer.wake();
  }
}

function lateAssign(timeoutMs: number): Error {
  const remedy = 'what was read before could not be committed in time; nothing has changed';
  return new TimeoutError('consumer.assign', timeoutMs, { remedy });
}
