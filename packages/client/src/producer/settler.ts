// What becomes of a batch after an answer, or without one: done, again, in halves, or failed.
import type { Cluster } from '../cluster/cluster.ts';
import { asError, brokerError, isRetriable } from '../errors.ts';
import type { BatchEvent } from '../events.ts';
import type { Backoff } from '../util/backoff.ts';
import { monotonicNow } from '../util/timers.ts';
import type { Accumulator } from './accumulator.ts';
import type { Answer } from './answers.ts';
import type { Identity, ProducerBatch } from './batch.ts';
import { type Settlement, settlementOf } from './settle.ts';

export interface SettlerHooks {
  /** This producer id is not accepted any more. */
  readonly renew: (identity: Identity) => void;
  /** Metadata is old. */
  readonly refresh: () => void;
  readonly onFatal: (reason: Error) => void;
}

export class Settler {
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #backoff: Backoff;
  readonly #hooks: SettlerHooks;

  constructor(cluster: Cluster, accumulator: Accumulator, backoff: Backoff, hooks: SettlerHooks) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#backoff = backoff;
    this.#hooks = hooks;
  }

  settle(batch: ProducerBatch, answer: Answer): void {
    if (!this.#land(batch)) return;
    const settlement = settlementOf(answer.errorCode);
    if (settlement === 'delivered' || settlement === 'duplicate') {
      this.#delivered(batch, answer);
      return;
    }
    const { topic, partition } = batch;
    const reason = brokerError(answer.errorCode, 'Produce', { topic, partition, message: answer.errorMessage });
    batch.lastError = reason;
    this.#settlements[settlement](batch, reason, answer);
  }

  readonly #settlements: Readonly<
    Record<
      Exclude<Settlement, 'delivered' | 'duplicate'>,
      (batch: ProducerBatch, reason: Error, answer: Answer) => void
    >
  > = {
    refresh: (batch) => {
      this.#hooks.refresh();
      this.#retry(batch);
    },
    unsure: (batch) => {
      batch.isUnsure = true;
      this.#retry(batch);
    },
    backOff: (batch) => this.#retry(batch),
    split: (batch, reason) => this.#split(batch, reason),
    sequence: (batch) => this.#outOfStep(batch),
    identity: (batch) => this.#newIdentity(batch),
    refuse: (batch, reason, answer) => this.#refuse(batch, reason, answer),
    giveUp: (batch, reason, answer) => {
      batch.isUnsure = true;
      this.#refuse(batch, reason, answer);
    },
    fatal: (batch, reason, answer) => {
      this.#refuse(batch, reason, answer);
      this.#hooks.onFatal(reason);
    },
  };

  /** No answer: the connection was lost, the time ran out, or the request could not be made. */
  requestFailed(batch: ProducerBatch, reason: Error): void {
    if (!this.#land(batch)) return;
    batch.lastError = reason;
    const isGarbled = 'code' in reason && reason.code === 'PROTOCOL';
    if (isGarbled || ('sent' in reason && reason.sent === true)) batch.isUnsure = true;
    if (!isRetriable(reason) && !isGarbled) {
      this.giveUp(batch, reason.message, reason);
      return;
    }
    this.#hooks.refresh();
    this.#retry(batch);
  }

  /** Settles a batch that is not delivered. One under way keeps its place until its answer is there. */
  giveUp(batch: ProducerBatch, why: string, cause: unknown = batch.lastError): void {
    const queue = this.#accumulator.queueOf(batch);
    const isUnderWay = queue.inFlight.includes(batch);
    if (isUnderWay) batch.isUnsure = true;
    const detail = cause instanceof Error && !why.includes(cause.message) ? `: ${cause.message}` : '';
    this.#fail(batch, batch.error(`${why}${detail}`, cause));
    if (isUnderWay) this.#accumulator.outstanding.remove(batch);
    else this.#leave(batch);
  }

  /** @returns false when it is not under way any more: its answer was counted already */
  #land(batch: ProducerBatch): boolean {
    const queue = this.#accumulator.queueOf(batch);
    if (!queue.inFlight.includes(batch)) return false;
    queue.landed(batch);
    return true;
  }

  #delivered(batch: ProducerBatch, answer: Answer): void {
    this.#accumulator.queueOf(batch).acknowledged(batch);
    batch.deliver(answer.baseOffset, answer.logAppendTimeMs);
    this.#accumulator.finish(batch);
    if (this.#cluster.options.onEvent) this.#cluster.emit(this.#event(batch, 'delivered'));
  }

  #retry(batch: ProducerBatch): void {
    if (batch.isSettled) {
      this.#leave(batch);
      return;
    }
    if (monotonicNow() >= batch.deadlineMs) {
      this.giveUp(batch, 'its delivery timeout passed');
      return;
    }
    const queue = this.#accumulator.queueOf(batch);
    const nowMs = monotonicNow();
    if (queue.retryAtMs <= nowMs) queue.retryAtMs = nowMs + this.#backoff.delay(batch.attempts);
    this.#accumulator.requeue(batch);
    if (this.#cluster.options.onEvent) this.#cluster.emit(this.#event(batch, 'retrying', batch.lastError));
  }

  #split(batch: ProducerBatch, reason: Error): void {
    if (batch.isSettled) {
      this.#leave(batch);
      return;
    }
    const queue = this.#accumulator.queueOf(batch);
    if (batch.count > 1) {
      queue.tooLarge(batch.sizeInBytes);
      this.#accumulator.split(batch);
      return;
    }
    const why = `a record of ${batch.sizeInBytes} bytes is above the limit of the topic (max.message.bytes)`;
    this.giveUp(batch, why, reason);
  }

  /**
   * A gap before this batch. Another one before it is still to be settled: then that is the gap, and this waits its
   * turn. Else the broker has lost what it knew of us, or an earlier batch was given up: whatever was before is not
   * coming, and neither this nor anything after it can have been written under the old numbers.
   */
  #outOfStep(batch: ProducerBatch): void {
    const queue = this.#accumulator.queueOf(batch);
    if (!queue.hasBefore(batch)) {
      this.#newIdentity(batch);
      return;
    }
    if (batch.isSettled) {
      this.#leave(batch);
      return;
    }
    this.#accumulator.requeue(batch);
  }

  #newIdentity(batch: ProducerBatch): void {
    const queue = this.#accumulator.queueOf(batch);
    if (batch.identity === null) {
      this.giveUp(batch, 'the broker wants a sequence, this producer has none');
      return;
    }
    if (batch.identity === queue.identity) {
      queue.needsIdentity = true;
      this.#hooks.renew(batch.identity);
    }
    batch.isUnsure = false;
    this.#retry(batch);
  }

  /** Records that the broker names have a reason of their own (Produce 8+); the others were refused beside them. */
  #refuse(batch: ProducerBatch, reason: Error, answer: Answer): void {
    if (answer.recordErrors.length === 0) {
      this.giveUp(batch, reason.message, reason);
      return;
    }
    const own = new Map(answer.recordErrors.map((error) => [error.batchIndex, error.batchIndexErrorMessage]));
    const refused = (message: string | null): Error => batch.error(message || reason.message, reason);
    const beside = batch.error(`its batch was refused because of ${own.size} other records: ${reason.message}`, reason);
    this.#fail(batch, beside, (delta) => (own.has(delta) ? refused(own.get(delta) ?? null) : undefined));
    this.#leave(batch);
  }

  #fail(
    batch: ProducerBatch,
    reason: Error & { outcome: 'no' | 'unknown' },
    own?: (delta: number) => Error | undefined,
  ): void {
    if (batch.isSettled) return;
    if (batch.hasUnwatched) this.#cluster.options.logger.error('records were not delivered', { error: reason.message });
    batch.fail(reason, own);
    this.#cluster.emit(this.#event(batch, reason.outcome === 'no' ? 'failed' : 'unknown', reason));
  }

  /** Gone without having been acknowledged. */
  #leave(batch: ProducerBatch): void {
    const queue = this.#accumulator.queueOf(batch);
    this.#accumulator.drop(batch);
    const { identity } = batch;
    if (queue.forget(batch) && identity) this.#hooks.renew(identity);
    this.#accumulator.finish(batch);
  }

  #event(batch: ProducerBatch, outcome: BatchEvent['outcome'], reason?: unknown): BatchEvent {
    const { topic, partition, attempts } = batch;
    return {
      type: 'batch',
      topic,
      partition,
      records: batch.count,
      bytes: batch.sizeInBytes,
      attempts,
      outcome,
      durationMs: monotonicNow() - batch.createdAtMs,
      ...(reason !== undefined && { error: asError(reason) }),
    };
  }
}
