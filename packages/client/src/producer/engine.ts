// The parts of a producer, put together, and their end.
import type { Cluster } from '../cluster/cluster.ts';
import { TimeoutError } from '../errors.ts';
import type { ResolvedProducerOptions } from '../options.ts';
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';
import { Accumulator } from './accumulator.ts';
import { ProducerBatch } from './batch.ts';
import { HeldRecord, undeliverable } from './held-record.ts';
import { Intake } from './intake.ts';
import { Losses } from './losses.ts';
import type { Unit } from './outstanding.ts';
import { Seeker } from './seeker.ts';
import { Sender } from './sender.ts';
import { Withdrawals } from './withdrawals.ts';

/** Topics that are written to are asked for before what is known of them is too old. */
const PART_OF_AGE = 0.8;

export class Engine {
  readonly accumulator: Accumulator;
  readonly intake: Intake;
  readonly withdrawals: Withdrawals;
  readonly #cluster: Cluster;
  readonly #options: ResolvedProducerOptions;
  readonly #closing: AbortController = new AbortController();
  readonly #losses: Losses;
  readonly #seeker: Seeker;
  readonly #sender: Sender;
  readonly #stopListening: () => void;
  #keeper: Timer | null = null;
  #flushes = 0;

  constructor(cluster: Cluster, options: ResolvedProducerOptions, onFatal: (reason: Error) => void) {
    this.#cluster = cluster;
    this.#options = options;
    const { signal } = this.#closing;
    this.#losses = new Losses(cluster.options.logger);
    this.accumulator = new Accumulator(options, {
      wake: () => this.#sender.wake(),
      expire: (unit, nowMs) => this.#expire(unit, nowMs),
    });
    this.#seeker = new Seeker(cluster, signal, {
      wanted: () => new Set([...this.intake.wanted(), ...this.#sender.wanted()]),
      answered: (topics) => this.intake.answered(topics),
      failed: (topics, reason) => {
        this.intake.failed(topics, reason);
        this.#sender.unanswered(topics, reason);
      },
    });
    this.intake = new Intake(cluster, this.accumulator, options, {
      seek: (topic) => this.#seeker.seek(topic),
      lost: (reason) => this.#losses.note(reason, 1),
      restarted: (topic) => this.#sender.restart(topic),
    });
    this.#sender = new Sender(cluster, this.accumulator, options, signal, {
      seek: (topic) => this.#seeker.seek(topic),
      ask: (topics) => this.#seeker.ask(topics),
      lost: (reason, records) => this.#losses.note(reason, records),
      onFatal,
    });
    this.withdrawals = new Withdrawals(this.accumulator, this.intake, this.#sender.fate);
    this.#stopListening = cluster.onSnapshot((now) => {
      this.intake.learn(now);
      this.#sender.learn(now);
    });
    this.#keepFresh();
  }

  get bufferedBytes(): number {
    return this.accumulator.memory.usedBytes;
  }

  /** Nothing lingers until `leave` is called. */
  flush(): { done: Promise<void>; leave(): void } {
    this.#flushes++;
    this.#sender.rules.isFlushing = true;
    this.#sender.wake();
    const { done, leave } = this.accumulator.outstanding.settled();
    return {
      done,
      leave: () => {
        leave();
        this.#sender.rules.isFlushing = --this.#flushes > 0;
      },
    };
  }

  /** Work that ends with the producer, whatever else it waits for. */
  whileOpen<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return work(this.#closing.signal);
  }

  /** Nothing is let in any more, and what is here is rejected. */
  rejectAll(why: string, cause: Error): void {
    this.accumulator.memory.close(cause);
    for (let unit = this.accumulator.outstanding.first; unit; unit = this.accumulator.outstanding.first) {
      this.#reject(unit, why, cause);
    }
  }

  /** What is left is rejected; connections, timers and listeners are gone. */
  close(reason: Error): void {
    this.rejectAll('the producer was closed before it was delivered', reason);
    this.#stopListening();
    this.#closing.abort(reason);
    clock.clearTimer(this.#keeper);
    this.#seeker.close();
    this.#sender.close(reason);
    this.accumulator.close();
    this.#losses.close();
  }

  #reject(unit: Unit, why: string, cause: Error): void {
    if (unit instanceof ProducerBatch) {
      const { fate } = this.#sender;
      fate.giveUp(unit, withObstacle(why, fate.obstacleOf(unit)), cause);
    } else if (unit instanceof HeldRecord) {
      this.intake.fail(unit, undeliverable(unit, cause, withObstacle(why, this.intake.obstacleOf(unit))));
    }
    if (unit.place) this.accumulator.outstanding.remove(unit); // whatever else is the matter with it
  }

  #expire(unit: Unit, nowMs: number): void {
    const { deliveryTimeoutMs } = this.#options;
    if (unit instanceof HeldRecord) this.intake.expire(unit);
    else if (unit instanceof ProducerBatch) {
      const { fate } = this.#sender;
      const cause = fate.obstacleOf(unit) ?? new TimeoutError('its delivery', deliveryTimeoutMs);
      fate.expire(unit, nowMs, { why: `the delivery timeout of ${deliveryTimeoutMs} ms passed`, cause });
    }
    this.#sender.wake();
  }

  /** Topics that are written to stay known. Keeps no process alive. */
  #keepFresh(): void {
    this.#keeper = after(this.#cluster.options.metadataMaxAgeMs * PART_OF_AGE, () => {
      const topics = this.intake.used();
      // What goes wrong is found out again by whoever needs it.
      if (topics.length > 0) this.#cluster.metadataFor(topics, { signal: this.#closing.signal }).catch(() => undefined);
      this.#keepFresh();
    });
    this.#keeper.unref();
  }
}

/** What kept it from being delivered until then. */
function withObstacle(why: string, obstacle: unknown): string {
  return obstacle instanceof Error ? `${why} (${obstacle.message})` : why;
}
