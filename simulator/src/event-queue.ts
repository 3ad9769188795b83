// What is to happen, ordered by time, phase and the order in which it was asked for: a binary heap.

/** The phases of one turn of Node's event loop. */
export type Phase = 'timer' | 'io' | 'check';

/** Whose thread an event runs in: a process that is stopped has none of its events run. */
export type Realm = 'client' | 'cluster' | 'world';

export interface QueuedEvent {
  at: number;
  readonly phase: Phase;
  readonly realm: Realm;
  readonly sequence: number;
  readonly run: () => void;
  isCancelled: boolean;
}

const ORDER: Readonly<Record<Phase, number>> = { timer: 0, io: 1, check: 2 };

export class EventQueue {
  readonly #heap: QueuedEvent[] = [];

  get size(): number {
    return this.#heap.length;
  }

  peek(): QueuedEvent | undefined {
    return this.#heap[0];
  }

  push(event: QueuedEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (!above || isBefore(above, event)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  pop(): QueuedEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last && heap.length > 0) this.#sink(last);
    return first;
  }

  /** All events, in no order. */
  all(): readonly QueuedEvent[] {
    return this.#heap;
  }

  #sink(event: QueuedEvent): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      if (!left) break;
      const isRight = right !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (isBefore(event, child)) break;
      heap[at] = child;
      at = 2 * at + (isRight ? 2 : 1);
    }
    heap[at] = event;
  }
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  if (a.at !== b.at) return a.at < b.at;
  const phases = ORDER[a.phase] - ORDER[b.phase];
  return phases === 0 ? a.sequence < b.sequence : phases < 0;
}
