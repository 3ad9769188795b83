// Callers that do not wait any longer: by their signal, or because their time is up.
import { TimeoutError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import { onAbort } from '../util/abort.ts';
import { stackless } from '../util/stackless.ts';
import { expireAfter } from '../util/timers.ts';
import type { Accumulator } from './accumulator.ts';
import { ProducerBatch } from './batch.ts';
import type { BatchFate } from './batch-fate.ts';
import type { Abandonable, Whereabouts } from './delivery.ts';
import { HeldRecord } from './held-record.ts';
import type { Intake } from './intake.ts';

/** Where a delivery's records are now. */
interface Spread {
  readonly batches: Map<ProducerBatch, number>;
  readonly held: HeldRecord[];
}

export class Withdrawals {
  readonly #accumulator: Accumulator;
  readonly #intake: Intake;
  readonly #fate: BatchFate;

  constructor(accumulator: Accumulator, intake: Intake, fate: BatchFate) {
    this.#accumulator = accumulator;
    this.#intake = intake;
    this.#fate = fate;
  }

  /** @returns false when the caller's signal was aborted before */
  watch(delivery: Abandonable, { signal, timeoutMs }: Waiting): boolean {
    if (signal?.aborted) {
      delivery.abandon(signal.reason);
      return false;
    }
    const stop = signal && onAbort(signal, () => this.#withdraw(delivery, () => delivery.abandon(signal.reason)));
    const late = (): void => this.#withdraw(delivery, () => delivery.expire(this.#lateness(timeoutMs ?? 0)));
    const cancel = timeoutMs === undefined || timeoutMs === Infinity ? null : expireAfter(timeoutMs, late);
    delivery.onSettled = () => {
      cancel?.();
      stop?.();
    };
    return true;
  }

  /** What has not left yet is taken back; what has may still be written. An event says which. */
  #withdraw(delivery: Abandonable, settle: () => void): void {
    if (delivery.isSettled) return;
    const spread = spreadOf(delivery);
    this.#accumulator.memory.holdBack();
    settle();
    const events = [...spread.batches].map(([batch, records]) => this.#fate.withdrawal(batch, records));
    for (const [batch, records] of spread.batches) this.#withdrawFrom(batch, records);
    this.#intake.withdraw(spread.held);
    // Whoever is told may withdraw others: nothing is left to be done here.
    for (const tell of events) tell?.();
  }

  #withdrawFrom(batch: ProducerBatch, records: number): void {
    const freed = batch.withdrew(records);
    if (freed > 0) this.#accumulator.memory.release(freed);
    this.#fate.endIfAbandoned(batch);
  }

  /** Why a record is late, by where it is: one error for all that share a batch, or wait for the same. */
  #lateness(timeoutMs: number): (where: Whereabouts | undefined) => Error {
    const why = `not done within ${timeoutMs} ms (timeoutMs)`;
    const reasons = new Map<unknown, Error>();
    return (where) => {
      const key = where instanceof HeldRecord ? `${where.isAdmitted} ${where.partition}` : where;
      const reason = reasons.get(key) ?? stackless(() => this.#late(where, why, timeoutMs));
      reasons.set(key, reason);
      return reason;
    };
  }

  #late(where: Whereabouts | undefined, why: string, timeoutMs: number): Error {
    if (where instanceof HeldRecord) return this.#intake.lateness(where, why, timeoutMs);
    if (!(where instanceof ProducerBatch)) return new TimeoutError('producer.send', timeoutMs);
    const obstacle = this.#fate.obstacleOf(where);
    const cause = obstacle ?? new TimeoutError('producer.send', timeoutMs);
    const detail = obstacle instanceof Error ? `: ${obstacle.message}` : '';
    return where.error(`${why}${detail}`, cause, where.mayBeWritten ? 'unknown' : 'no');
  }
}

function spreadOf(delivery: Abandonable): Spread {
  const spread: Spread = { batches: new Map(), held: [] };
  for (const [where, records] of delivery.whereabouts()) {
    if (where.isSettled) continue;
    if (where instanceof HeldRecord) spread.held.push(where);
    else if (where instanceof ProducerBatch) spread.batches.set(where, (spread.batches.get(where) ?? 0) + records);
  }
  return spread;
}
