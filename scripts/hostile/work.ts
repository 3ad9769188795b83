// What a user does with a client, again and again, while the broker is hostile; each call with a time of its own.
import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, Kafka } from '@hopwire/client';
import { pauses } from '../deadlines/pauses.ts';

/** Of each call. */
export const CALL_MS = 500;
/** Of each kind of call: what comes more often is the client's doing. */
const EVERY_MS = 400;
const DONE = 'done';

export class Work {
  /** How calls and loops ended, and how often. */
  readonly outcomes: Map<string, number> = new Map();
  /** Of the slowest call, past its time, when the process was let run. */
  pastMs = 0;
  readonly #well = new Map<string, number>();
  readonly #running: Promise<void>[] = [];
  #isOver = false;

  /** Again and again, one after the other. */
  call(name: string, one: (waiting: { timeoutMs: number }) => Promise<unknown>): void {
    this.#well.set(name, 0);
    this.#running.push(this.#repeat(name, one));
  }

  /** A loop that begins again after an error, as a service does. */
  loop(name: string, consumer: () => Consumer): void {
    this.#well.set(name, 0);
    this.#running.push(this.#read(name, consumer));
  }

  /** By name: how many calls succeeded, or how many records the loop of that name got. */
  settledWell(): Map<string, number> {
    return new Map(this.#well);
  }

  /** No further call begins. @returns were all of them settled in time? */
  async ended(ms: number): Promise<boolean> {
    this.#isOver = true;
    return Promise.race([Promise.all(this.#running).then(() => true), delay(ms, false, { ref: false })]);
  }

  async #repeat(name: string, one: (waiting: { timeoutMs: number }) => Promise<unknown>): Promise<void> {
    while (!this.#isOver) {
      const began = performance.now();
      const outcome = await outcomeOf(() => one({ timeoutMs: CALL_MS }));
      this.#note(name, outcome);
      if (outcome === DONE) this.#isWell(name);
      const ended = performance.now();
      this.pastMs = Math.max(this.pastMs, ended - began - CALL_MS - pauses.between(began, ended));
      await delay(EVERY_MS);
    }
  }

  async #read(name: string, consumer: () => Consumer): Promise<void> {
    while (!this.#isOver) {
      this.#note(name, await outcomeOf(() => this.#readAll(name, consumer())));
      await delay(EVERY_MS);
    }
  }

  async #readAll(name: string, consumer: Consumer): Promise<void> {
    try {
      for await (const _ of consumer) this.#isWell(name);
    } finally {
      await consumer.close({ timeoutMs: CALL_MS });
    }
  }

  #isWell(name: string): void {
    this.#well.set(name, (this.#well.get(name) ?? 0) + 1);
  }

  #note(name: string, outcome: string): void {
    const line = `${name}: ${outcome}`;
    this.outcomes.set(line, (this.outcomes.get(line) ?? 0) + 1);
  }
}

async function outcomeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return DONE;
  } catch (error) {
    if (!(error instanceof Error)) return `not an Error: ${String(error)}`;
    return 'code' in error ? `${error.name} ${String(error.code)}` : `${error.name} ${error.message.slice(0, 100)}`;
  }
}

export type Start = (kafka: Kafka, work: Work) => void;
