// Virtual time: events run one at a time, in their order, and the clock jumps from one to the next.
import { EventQueue, type Phase, type QueuedEvent, type Realm } from './event-queue.ts';
import { takeTurns } from './turns.ts';

/** Events at one and the same moment: more is an endless loop. */
const MOST_AT_ONCE = 20_000;

export interface Limits {
  /** Events in a whole run. */
  readonly mostEvents: number;
}

/** Why a run ended. */
export type Ended = 'done' | 'idle' | 'too many events' | 'time stands still';

export class Scheduler {
  /** Milliseconds since the simulation began. */
  now = 0;
  /** Events that ran. */
  steps = 0;
  /** Told of what an event threw. */
  onThrown: (error: unknown) => void = (error) => {
    throw error;
  };
  /** Told when turns of the simulation begin and end; what runs in between is not part of it. */
  onPass: (isOurs: boolean) => void = () => undefined;
  /** How long each process was stopped so far, stops that are still to come to their end included. */
  readonly stoppedMs: Record<Realm, number> = { client: 0, cluster: 0, world: 0 };
  readonly #queue = new EventQueue();
  readonly #limits: Limits;
  readonly #stoppedUntil: Record<Realm, number> = { client: 0, cluster: 0, world: 0 };
  #sequence = 0;
  #atOnce = 0;
  #isStopped = false;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** @param ms from now; never earlier than now */
  after(ms: number, phase: Phase, realm: Realm, run: () => void): QueuedEvent {
    return this.at(this.now + Math.max(0, ms), phase, realm, run);
  }

  /** At a moment that is not in the past. */
  at(at: number, phase: Phase, realm: Realm, run: () => void): QueuedEvent {
    const event = { at, phase, realm, run, sequence: this.#sequence++, isCancelled: false };
    this.#queue.push(event);
    return event;
  }

  /** A pause of the simulation's own code. */
  sleep(ms: number, realm: Realm = 'world'): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, 'timer', realm, resolve);
    });
  }

  /** The process is stopped: its events wait, then its timers run before what has arrived for it. */
  stop(realm: Realm, ms: number): void {
    const from = Math.max(this.#stoppedUntil[realm], this.now);
    const until = Math.max(from, this.now + ms);
    this.#stoppedUntil[realm] = until;
    this.stoppedMs[realm] += until - from;
  }

  /** Until when a process is stopped; a moment in the past when it runs. */
  stoppedUntil(realm: Realm): number {
    return this.#stoppedUntil[realm];
  }

  /** Events of a process that are still to come. */
  waiting(realm: Realm): number {
    return this.#queue.all().filter((event) => event.realm === realm && !event.isCancelled).length;
  }

  /** The run ends after the event at work. */
  halt(): void {
    this.#isStopped = true;
  }

  /** Runs until `halt()`, until nothing is left to happen, or a limit is met. */
  async run(): Promise<Ended> {
    let ended: Ended = 'done';
    const turn = (): boolean => {
      const problem = this.#isStopped ? 'done' : this.#step();
      if (problem === null) return true;
      ended = problem;
      return false;
    };
    await takeTurns(turn, this.onPass);
    return ended;
  }

  #step(): Ended | null {
    const event = this.#next();
    if (!event) return 'idle';
    if (this.steps > this.#limits.mostEvents) return 'too many events';
    this.#atOnce = event.at > this.now ? 0 : this.#atOnce + 1;
    if (this.#atOnce > MOST_AT_ONCE) return 'time stands still';
    this.now = event.at;
    this.steps++;
    try {
      event.run();
    } catch (error) {
      this.onThrown(error);
    }
    return null;
  }

  #next(): QueuedEvent | undefined {
    for (let event = this.#queue.pop(); event; event = this.#queue.pop()) {
      if (event.isCancelled) continue;
      const until = this.#stoppedUntil[event.realm];
      if (event.at >= until) return event;
      event.at = until;
      this.#queue.push(event);
    }
    return undefined;
  }
}
