// What becomes of a batch after an answer, or without one: done, again, in halves, without some records, or failed.
import { Errors, ZERO_UUID } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, brokerError, ConnectionError, isKafkaError } from '../errors.ts';
import type { BatchEvent } from '../events.ts';
import type { Backoff } from '../util/backoff.ts';
import { clock } from '../util/clock.ts';
import type { Accumulator } from './accumulator.ts';
import type { Identity, ProducerBatch } from './batch.ts';
import { NOT_WAITED_FOR } from './held-record.ts';
import { isOversize, oversizeText } from './oversize.ts';
import type { PartitionQueue } from './partition-queue.ts';
import { type ProduceOutcome, produceOutcomeOf } from './produce-outcome.ts';
import { type Answer, NO_ANSWER } from './produce-request.ts';
import { refusalOf } from './refusal.ts';

export interface FateHooks {
  /** Acks all: an answer comes after the record was written by the leader. */
  readonly waitsForFollowers: boolean;
  /** Numbers that were given under this identity are lost. */
  readonly renew: (identity: Identity) => void;
  /** This producer id is not accepted any more. */
  readonly replace: (identity: Identity) => void;
  /** Who leads its partition has to be found out. */
  readonly refresh: (batch: ProducerBatch) => void;
  /** Records that nobody waits for are lost. */
  readonly lost: (reason: Error, records: number) => void;
}

const MAY_BE_WRITTEN = `${NOT_WAITED_FOR}, but the record had left`;

/** The time of records is up: what they are told, and what was in their way. */
export interface Expiry {
  readonly why: string;
  readonly cause: unknown;
}

export class BatchFate {
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #backoff: Backoff;
  readonly #hooks: FateHooks;

  constructor(cluster: Cluster, accumulator: Accumulator, backoff: Backoff, hooks: FateHooks) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#backoff = backoff;
    this.#hooks = hooks;
  }

  /** An answer came. It is out of flight. @returns what ends the producer; null: nothing does */
  settle(batch: ProducerBatch, answer: Answer): Error | null {
    this.#land(batch);
    const outcome = produceOutcomeOf(answer.errorCode);
    if (outcome === 'delivered' || outcome === 'duplicate') {
      this.#delivered(batch, answer);
      return null;
    }
    const { topic, partition } = batch;
    const reason = brokerError(answer.errorCode, 'Produce', { topic, partition, message: answer.errorMessage });
    batch.lastError = reason;
    batch.hangUps = 0;
    if (batch.isSettled) this.leave(batch);
    else this.#outcomes[outcome](batch, reason, answer);
    return outcome === 'fatal' ? reason : null;
  }

  readonly #outcomes: Readonly<
    Record<
      Exclude<ProduceOutcome, 'delivered' | 'duplicate'>,
      (batch: ProducerBatch, reason: Error, answer: Answer) => void
    >
  > = {
    refresh: (batch, _reason, { errorCode }) => {
      if (errorCode === Errors.UNKNOWN_TOPIC_ID) this.#refuseId(batch.topic);
      const isKnown = this.#hasMoved(this.#accumulator.queueOf(batch));
      this.#retry(batch);
      if (!isKnown) this.#hooks.refresh(batch);
    },
    moved: (batch, reason, answer) => {
      if (this.#hooks.waitsForFollowers) batch.isUnsure = true;
      this.#outcomes.refresh(batch, reason, answer);
    },
    unsure: (batch) => {
      batch.isUnsure = true;
      this.#retry(batch);
    },
    backOff: (batch) => this.#retry(batch),
    split: (batch, reason) => this.#split(batch, reason),
    sequence: (batch) => this.#outOfStep(batch),
    forgotten: (batch, reason) => {
      const isNext = !this.#accumulator.queueOf(batch).hasBefore(batch);
      if (isNext && batch.isPerhapsWritten) this.giveUp(batch, reason.message, reason);
      else this.#outOfStep(batch);
    },
    identity: (batch, reason) => {
      // Says nothing of an earlier attempt, and under another identity the broker would not know it again.
      if (batch.isPerhapsWritten) this.giveUp(batch, reason.message, reason);
      else this.#newIdentity(batch, this.#hooks.replace);
    },
    refuse: (batch, reason, answer) => this.#refuse(batch, reason, answer),
    giveUp: (batch, reason, answer) => {
      batch.isUnsure = true;
      this.#refuse(batch, reason, answer);
    },
    fatal: (batch, reason, answer) => this.#refuse(batch, reason, answer),
  };

  /**
   * No answer that can be read: the connection was lost, the time ran out, or the request could not be made.
   *
   * @param hasLeft the broker may have it, whatever the reason says
   */
  requestFailed(batch: ProducerBatch, reason: Error, hasLeft: boolean): void {
    this.#land(batch);
    batch.lastError = reason;
    if (hasLeft) batch.isUnsure = true;
    if (hasLeft && !(reason instanceof ConnectionError && reason.byPeer)) batch.mayYetArrive = true;
    const isGarbled = isKafkaError(reason) && reason.code === 'PROTOCOL';
    batch.hangUps = hasLeft && isKafkaError(reason) && reason.code === 'CONNECTION' ? batch.hangUps + 1 : 0;
    if (batch.isSettled) this.leave(batch);
    else if (isOversize(batch)) this.giveUp(batch, oversizeText(batch), reason);
    else if (isKafkaError(reason) && !reason.retriable && !isGarbled) this.giveUp(batch, reason.message, reason);
    else {
      this.#retry(batch);
      this.#hooks.refresh(batch);
    }
  }

  /** Its leader is silent and another one leads: again, at once, as after a time-out. */
  takeBack(batch: ProducerBatch, reason: Error): void {
    this.#land(batch);
    batch.lastError = reason;
    batch.isUnsure = batch.mayYetArrive = true;
    if (batch.isSettled) return this.leave(batch);
    this.#retry(batch);
    this.#accumulator.queueOf(batch).retryAtMs = 0;
  }

  /**
   * The time of a batch is up. One that is under way stays so: a good answer, late as it is, says that its numbers are
   * written, and the next ones follow them. Under a new epoch only one batch may leave until it is answered; where answers take
   * longer than the batches behind it have left, each would be given up in its turn, for ever.
   */
  expire(batch: ProducerBatch, nowMs: number, { why, cause }: Expiry): void {
    const later = batch.passTerms(nowMs);
    if (later !== null) return this.#expireBefore(batch, later, { why, cause });
    if (!batch.attempt || batch.identity === null) return this.giveUp(batch, why, cause);
    batch.isUnsure = true;
    this.#tell(batch, why, cause);
    this.#accumulator.finish(batch);
  }

  /** The records before this place are out of time. They are taken out of the batch, unless it may be written already. */
  #expireBefore(batch: ProducerBatch, place: number, { why, cause }: Expiry): void {
    const isOut = batch.attempt === null && !batch.isInDoubt;
    const reason = batch.error(withDetail(why, cause), cause, isOut ? 'no' : 'unknown');
    if (isOut) this.#leaveOutBefore(batch, place, reason);
    else this.#emit(batch, 'unknown', reason, batch.failBefore(place, reason));
    this.endIfAbandoned(batch);
  }

  #leaveOutBefore(batch: ProducerBatch, place: number, reason: Error): void {
    if (batch.mayBeWritten) {
      const freed = this.#leaveOut(batch, reason, (delta) => (delta < place ? reason : undefined));
      return this.#accumulator.memory.release(freed);
    }
    const { told, lost, freed } = batch.leaveOutBefore(place, reason);
    if (lost > 0) this.#hooks.lost(reason, lost);
    this.#emit(batch, 'failed', reason, told + lost);
    if (freed > 0) this.#accumulator.memory.release(freed);
  }

  /** Nobody waits for any of its records any more: it is not sent again. */
  endIfAbandoned(batch: ProducerBatch): void {
    if (!batch.isAbandoned || batch.isSettled) return;
    batch.isSettled = true;
    if (batch.attempt) this.#accumulator.finish(batch);
    else this.leave(batch);
  }

  /** Settles a batch that is not delivered. What is still said about one that was under way is not waited for. */
  giveUp(batch: ProducerBatch, why: string, cause: unknown = this.obstacleOf(batch)): void {
    if (batch.attempt) {
      batch.isUnsure = true;
      this.#land(batch);
    }
    // Whoever is told may send at once: not into this batch.
    this.#accumulator.drop(batch);
    this.#tell(batch, why, cause);
    this.leave(batch);
  }

  #tell(batch: ProducerBatch, why: string, cause: unknown): void {
    this.#fail(batch, batch.error(withDetail(why, cause), cause));
  }

  /** What stands in its way. */
  obstacleOf(batch: ProducerBatch): unknown {
    return this.#accumulator.queueOf(batch).obstacle ?? batch.lastError ?? this.#cluster.obstacle ?? undefined;
  }

  /** Gone without having been acknowledged. */
  leave(batch: ProducerBatch): void {
    const queue = this.#accumulator.queueOf(batch);
    queue.endProof();
    this.#accumulator.drop(batch);
    const { identity } = batch;
    if (queue.forget(batch) && identity) this.#hooks.renew(identity);
    this.#accumulator.finish(batch);
  }

  #land(batch: ProducerBatch): void {
    this.#accumulator.queueOf(batch).landed(batch);
  }

  #delivered(batch: ProducerBatch, answer: Answer): void {
    const queue = this.#accumulator.queueOf(batch);
    for (const earlier of queue.endProof()) {
      this.#accumulator.drop(earlier);
      this.#delivered(earlier, NO_ANSWER);
    }
    queue.acknowledged(batch);
    const { untold } = batch;
    batch.deliver(answer.baseOffset, answer.logAppendTimeMs);
    this.#accumulator.finish(batch);
    this.#emit(batch, 'delivered', undefined, untold);
  }

  #retry(batch: ProducerBatch): void {
    if (batch.isAbandoned) {
      batch.isSettled = true;
      this.leave(batch);
      return;
    }
    const nowMs = clock.now();
    if (nowMs >= batch.endMs) {
      this.#accumulator.memory.holdBack();
      this.giveUp(batch, 'its delivery timeout passed');
      return;
    }
    const queue = this.#accumulator.queueOf(batch);
    queue.endProof();
    if (this.#hasMoved(queue)) queue.retryAtMs = 0;
    else if (queue.retryAtMs <= nowMs) queue.retryAtMs = nowMs + this.#backoff.delay(batch.attempts);
    this.#accumulator.requeue(batch);
    this.#emit(batch, 'retrying', batch.lastError, batch.count);
  }

  #refuseId(topic: string): void {
    this.#cluster.refuseId(topic, this.#cluster.snapshot.topics.get(topic)?.topicId ?? ZERO_UUID);
  }

  /** Is another broker known to lead it since it was sent? */
  #hasMoved(queue: PartitionQueue): boolean {
    const known = this.#cluster.snapshot.topics.get(queue.topic)?.partitions.get(queue.partition);
    if (known === undefined || known.leaderId < 0) return false;
    return known.leaderId !== queue.tried.leaderId && known.leaderEpoch > queue.tried.leaderEpoch;
  }

  #split(batch: ProducerBatch, reason: Error): void {
    if (batch.isAbandoned) {
      this.leave(batch);
      return;
    }
    const queue = this.#accumulator.queueOf(batch);
    queue.endProof();
    if (batch.count > 1) {
      queue.tooLarge(batch.sizeInBytes);
      this.#accumulator.split(batch);
      return;
    }
    const why = `a record of ${batch.sizeInBytes} bytes is above the limit of the topic (max.message.bytes)`;
    this.giveUp(batch, why, reason);
  }

  /**
   * The batch does not follow the last one that the broker knows of us. Another one before it is still to be settled:
   * then that is the gap, and this waits its turn.
   *
   * The first one that is not settled may all the same be there. A broker that was started again remembers only the
   * newest batch of a producer: when the answers of three are lost with it, it calls the first two out of order when they
   * are sent again, and knows the third. It takes no batch before the one that precedes it, so that a good answer to a
   * later one proves the earlier ones written; where they are is not known then. When it calls the last of them out of
   * order, too, none of them is there: what was before is lost, and all begin again under another identity.
   */
  #outOfStep(batch: ProducerBatch): void {
    const queue = this.#accumulator.queueOf(batch);
    if (queue.hasBefore(batch)) this.#awaitTurn(batch);
    else if (batch.isRemnant) this.#giveUpWithWhole(batch);
    else if (batch.isUnsure && queue.hasUnsureAfter(batch)) this.#awaitProof(batch);
    else if (batch.isUnsure && queue.hasLeftAfter(batch)) {
      this.giveUp(batch, 'it may have been written, and the broker remembers only later records');
    } else {
      for (const earlier of queue.endProof()) if (!this.#endIfOnItsWay(earlier)) earlier.isUnsure = false;
      if (!this.#endIfOnItsWay(batch)) this.#newIdentity(batch, this.#hooks.renew);
    }
  }

  /** What may yet arrive is not sent again under other numbers: it would be there twice. @returns was it given up? */
  #endIfOnItsWay(batch: ProducerBatch): boolean {
    if (batch.mayYetArrive) this.giveUp(batch, 'an earlier attempt had no answer, and may yet be written');
    return batch.mayYetArrive;
  }

  /** It would have followed, had the batch that it was a part of not been written; what waits for proof came before that. */
  #giveUpWithWhole(batch: ProducerBatch): void {
    const why = 'an earlier attempt, with other records in the batch, may have been written';
    for (const each of [...this.#accumulator.queueOf(batch).endProof(), batch]) this.giveUp(each, why);
  }

  #awaitTurn(batch: ProducerBatch): void {
    if (batch.isAbandoned) this.leave(batch);
    else this.#accumulator.requeue(batch);
  }

  #awaitProof(batch: ProducerBatch): void {
    batch.awaitsProof = true;
    this.#accumulator.requeue(batch);
  }

  #newIdentity(batch: ProducerBatch, next: (identity: Identity) => void): void {
    const queue = this.#accumulator.queueOf(batch);
    if (batch.identity === null) {
      this.giveUp(batch, 'the broker wants a sequence, this producer has none');
      return;
    }
    if (batch.identity === queue.identity) {
      queue.needsIdentity = true;
      next(batch.identity);
    }
    batch.isUnsure = false;
    this.#retry(batch);
  }

  /** Records that the broker names have a reason of their own, and the others are sent again without them. */
  #refuse(batch: ProducerBatch, reason: Error, answer: Answer): void {
    const { isPart, of, others } = refusalOf(batch, reason, answer);
    if (isPart && !batch.isSettled) return this.#sendWithout(batch, of);
    this.#fail(batch, others, of);
    this.leave(batch);
  }

  /** Records that the broker refuses fail. The others get the numbers that it had. */
  #sendWithout(batch: ProducerBatch, refusal: (delta: number) => Error | undefined): void {
    const freed = this.#leaveOut(batch, asError(batch.lastError), refusal);
    this.#retry(batch);
    this.#accumulator.queueOf(batch).retryAtMs = 0;
    this.#accumulator.memory.release(freed);
  }

  /** It is not under way. @returns what of its memory is free */
  #leaveOut(batch: ProducerBatch, reason: Error, refusal: (delta: number) => Error | undefined): number {
    const { identity, unwatched, untold, isInDoubt } = batch;
    if (!isInDoubt && this.#accumulator.queueOf(batch).forget(batch) && identity) this.#hooks.renew(identity);
    const freed = batch.leaveOut(refusal);
    const lost = unwatched - batch.unwatched;
    const told = untold - batch.untold;
    if (lost > 0) this.#hooks.lost(reason, lost);
    this.#emit(batch, isInDoubt ? 'unknown' : 'failed', reason, told);
    return freed;
  }

  #fail(
    batch: ProducerBatch,
    reason: Error & { outcome: 'no' | 'unknown' },
    own?: (delta: number) => Error | undefined,
  ): void {
    if (batch.isSettled) return;
    const { untold, unwatched } = batch;
    batch.fail(reason, own);
    if (unwatched > 0) this.#hooks.lost(reason, unwatched);
    this.#emit(batch, reason.outcome === 'no' ? 'failed' : 'unknown', reason, untold);
  }

  /** The callers of so many records of it have gone. @returns says so; null: nobody wants to know */
  withdrawal(batch: ProducerBatch, records: number): (() => void) | null {
    if (!this.#cluster.options.onEvent) return null;
    const isOut = !batch.mayBeWritten;
    const error = batch.error(isOut ? NOT_WAITED_FOR : MAY_BE_WRITTEN, undefined, isOut ? 'no' : 'unknown');
    return () => this.#emit(batch, isOut ? 'failed' : 'unknown', error, records);
  }

  /** What became of so many records of a batch. */
  #emit(batch: ProducerBatch, outcome: BatchEvent['outcome'], reason: unknown, records: number): void {
    if (records === 0 || !this.#cluster.options.onEvent) return;
    const { topic, partition, attempts, sizeInBytes: bytes, createdAtMs } = batch;
    const error = reason === undefined ? {} : { error: asError(reason) };
    const durationMs = clock.now() - createdAtMs;
    this.#cluster.emit({ type: 'batch', topic, partition, records, bytes, attempts, outcome, durationMs, ...error });
  }
}

function withDetail(why: string, cause: unknown): string {
  return cause instanceof Error && !why.includes(cause.message) ? `${why}: ${cause.message}` : why;
}
