// Between the fetch loops and the one loop of the user: which partitions have something, in turn.
import type { FetchedData } from './fetched.ts';
import type { Partition } from './partition.ts';

export class FetchBuffer {
  /** Partitions with data or a failure, in the order they are served. */
  #ready: Partition[] = [];
  #first = 0;
  #interruption: Error | null = null;
  #waiting: { promise: Promise<void>; wake: () => void } | null = null;

  /** Fetched bytes reach a waiting loop at once: nothing is collected first. */
  offer(partition: Partition, data: FetchedData): void {
    partition.offer(data);
    this.enlist(partition);
  }

  /** The loop gets the error when it comes to this partition. */
  fail(partition: Partition, error: Error): void {
    partition.failure = error;
    this.enlist(partition);
  }

  /** The loop gets the error next, once. */
  interrupt(error: Error): void {
    this.#interruption ??= error;
    this.wake();
  }

  /** It is not so any more: nobody needs to be told who has not been. */
  retract(error: Error | null): void {
    if (this.#interruption === error) this.#interruption = null;
  }

  /** Has data (again), unless nothing of it may be handed out now. */
  enlist(partition: Partition): void {
    if (partition.isReady || !hasSomething(partition)) return;
    partition.isReady = true;
    this.#ready.push(partition);
    this.wake();
  }

  /**
   * The partition whose turn it is; what became paused, empty or removed meanwhile is passed over.
   *
   * @throws what `interrupt` was given
   */
  next(): Partition | null {
    this.throwInterruption();
    while (this.#first < this.#ready.length) {
      const partition = this.#shift();
      if (partition === undefined) break;
      partition.isReady = false;
      if (hasSomething(partition)) return partition;
    }
    return null;
  }

  /** Until there may be something to do. */
  changed(): Promise<void> {
    if (this.#waiting === null) {
      let wake = (): void => undefined;
      const promise = new Promise<void>((resolve) => {
        wake = resolve;
      });
      this.#waiting = { promise, wake };
    }
    return this.#waiting.promise;
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.wake();
  }

  /** In constant time, also with thousands of partitions in line. */
  #shift(): Partition | undefined {
    const partition = this.#ready[this.#first++];
    if (this.#first > 32 && this.#first * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#first);
      this.#first = 0;
    }
    return partition;
  }

  /** @throws what `interrupt` was given, once */
  throwInterruption(): void {
    const error = this.#interruption;
    this.#interruption = null;
    if (error) throw error;
  }
}

function hasSomething(partition: Partition): boolean {
  if (partition.isRemoved || partition.isPaused || partition.hold !== null || partition.isFinished) return false;
  return partition.queue.length > 0 || partition.failure !== null;
}
