// The account of commits: what is done and not committed yet, in the background and by hand.
import { ZERO_UUID } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { isAgreed } from '../cluster/metadata.ts';
import { asError, ClosedError, isBrokerError } from '../errors.ts';
import type { CommitRefusal } from '../group/commit-refusal.ts';
import { type Committer, isOutOfGroup } from '../group/committer.ts';
import type { TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
import { clock, type Timer } from '../util/clock.ts';
import { Complaint } from '../util/complaint.ts';
import { after } from '../util/timers.ts';
import type { Assignment } from './assignment.ts';
import type { BodyWatch } from './body-watch.ts';
import { type Claim, claimFor, claimsOf, hasMoved, type Sent, sentOf } from './claims.ts';
import { isOwing, Losses } from './losses.ts';
import { keyOf, type Partition } from './partition.ts';
import type { Progress } from './progress.ts';

export interface CommitsContext {
  readonly cluster: Cluster;
  readonly assignment: Assignment;
  /** null: no group */
  readonly committer: Committer | null;
  readonly body: BodyWatch;
  readonly mode: 'auto' | 'manual';
  /** Is a loop under way? What it is handed again, it knows of. */
  hasLoop(): boolean;
  readonly intervalMs: number;
  /** Are commits made as a member of the group? */
  isMember(): boolean;
  onFatal(error: Error): void;
}

/** An offset of a topic; one that is made anew under its name has another id, and nothing is remembered of it. */
interface TopicOffset {
  readonly offset: TopicPartitionOffset;
  readonly topicId: string;
}

interface Remembered extends TopicOffset {
  /** The account that it was taken from. */
  readonly progress: Progress | null;
  /** What the group had then, as far as we know; null: nothing that we know of. */
  readonly base: bigint | null;
}

interface LastCommit extends TopicOffset {
  /** Of the clock. */
  readonly at: number;
}

/**
 * That a topic was made anew is noticed well within this; an older commit cannot have come after it. The same number in an
 * old and a new topic is then a coincidence, as it is with another epoch.
 */
const LATE_COMMIT_MS = 10_000;

/** A coordinator that moves, or begins, refuses for a moment what it takes then: that is not worth a word. */
const PASSING_MS = 2_000;
/** Whoever seeks again and again while partitions are given back is not waited for. */
const MOST_ROUNDS = 3;

export class Commits {
  readonly #context: CommitsContext;
  readonly #complaint: Complaint;
  /** Done, but not committed when the partition was lost: nothing of it has to be repeated if it comes back. */
  readonly #remembered = new Map<string, Remembered>();
  readonly losses: Losses = new Losses();
  /** What this process committed last. Brokers know topics by name here: a late one may lie in a topic made anew. */
  readonly #last = new Map<string, LastCommit>();
  /** Partitions that cannot be committed, by key, and with which error that was said. Rights may come back. */
  readonly #refused = new Map<string, string>();
  readonly #byHand = new Set<Promise<void>>();
  /** Somebody has committed by hand. */
  isByHand = false;
  /** A loop was left with something in hand, which may be committed as done. */
  #expectsOne = false;
  /** What there was to commit when the consumer closed. */
  #atEnd: 'nothing' | 'something' | 'what was lost' = 'something';
  /** Who waits until all is committed by hand looks again. */
  #look: (() => void) | null = null;
  #timer: Timer | null = null;
  #isRunning = false;
  /** Something is to be committed before the next interval. */
  #isDue = false;

  constructor(context: CommitsContext) {
    this.#context = context;
    const what = `group ${context.committer?.groupId ?? '?'}: what is done is not committed, and would be handed out again`;
    this.#complaint = new Complaint(context.cluster.options.logger, what, PASSING_MS);
  }

  /** Commits from now on each interval, if there is a group and nobody wants to do it by hand. */
  start(): void {
    const { mode, committer } = this.#context;
    if (mode !== 'auto' || committer === null || this.#timer !== null) return;
    this.#arm();
  }

  /** Not only after an interval: until the first position is committed, a member that comes then may begin behind it. */
  soon(): void {
    if (this.#timer === null || this.#isDue) return;
    this.#isDue = true;
    if (!this.#isRunning) process.nextTick(() => void this.#tick());
  }

  stop(): void {
    clock.clearTimer(this.#timer);
    this.#timer = null;
  }

  /** An attempt did not work, and another one follows. */
  putOff(error: Error): void {
    this.#complaint.failed(error);
  }

  /** In the background: a failure delays the commit, and is logged. Never rejects. */
  async commitQuietly(partitions: Iterable<Partition>, waiting: Waiting): Promise<void> {
    const { mode, committer } = this.#context;
    if (mode !== 'auto' || committer === null) return;
    const claims = claimsOf(partitions);
    try {
      const outcomes = await this.#commit(claims, waiting);
      for (const [index, error] of outcomes.entries()) if (error) this.#putOff(claims[index], error);
    } catch (error) {
      for (const claim of claims) this.#remember(claim);
      this.#complaint.failed(asError(error));
    }
  }

  /**
   * As `commitQuietly`, and again while more is done than was sent, or another place was sought: a commit carries what was so when
   * it was queued, perhaps behind a slow one.
   *
   * @returns what was sent last, by key
   */
  async commitAll(partitions: Iterable<Partition>, waiting: Waiting): Promise<Sent> {
    for (let rounds = 1; ; rounds++) {
      const sent = sentOf(claimsOf(partitions));
      await this.commitQuietly(partitions, waiting);
      if (rounds === MOST_ROUNDS || !hasMoved(partitions, sent)) return sent;
    }
  }

  /** As `commitAll`, if there is more by now than was sent. */
  async commitSince(sent: Sent, partitions: Iterable<Partition>, waiting: Waiting): Promise<void> {
    if (hasMoved(partitions, sent)) await this.commitAll(partitions, waiting);
  }

  /** @throws the first error of a partition; the others are committed */
  commit(offsets: readonly TopicPartitionOffset[] | undefined, waiting: Waiting): Promise<void> {
    const work = this.#commitByHand(offsets, waiting);
    this.#byHand.add(work);
    this.isByHand = true;
    const end = (): void => {
      this.#byHand.delete(work);
      this.#look?.();
    };
    work.then(end, end);
    return work;
  }

  get #isOwing(): boolean {
    const { mode, assignment } = this.#context;
    return mode === 'manual' && assignment.size > 0 && (this.#expectsOne || [...assignment].some(isOwing));
  }

  /** What was in hand when the loop was left is committed by hand next, perhaps. */
  expectOne(): void {
    this.#expectsOne = true;
  }

  /** The consumer closes, and what is ours is given back. */
  conclude(): void {
    const isEven = ![...this.#context.assignment].some(isOwing);
    this.#atEnd = this.losses.error !== null ? 'what was lost' : isEven ? 'nothing' : 'something';
  }

  /**
   * By hand, when the consumer is closed.
   *
   * @throws why what is done is not committed: that it was lost says more than that it is too late
   */
  commitTooLate(offsets: readonly TopicPartitionOffset[] | undefined): void {
    if (this.#atEnd === 'nothing' && offsets === undefined) return;
    const loss = this.#atEnd === 'what was lost' ? this.losses.error : null;
    throw loss ?? new ClosedError('the consumer');
  }

  /** Until all that is done is committed by hand, or is not ours any more. */
  async caughtUp(): Promise<void> {
    while (this.#isOwing) {
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
  }

  /** Until the commits by hand that are under way have their outcomes. */
  async underWay(): Promise<void> {
    await Promise.allSettled(this.#byHand);
  }

  async #commitByHand(offsets: readonly TopicPartitionOffset[] | undefined, waiting: Waiting): Promise<void> {
    const { refused, claims } = this.#asked(offsets);
    const outcomes = await this.#commit(claims, waiting);
    this.#expectsOne = false;
    // Committed, or told: also of those that were given back or lost in the meantime.
    for (const { offset, partition } of claims) this.losses.forget(offset, offsets ? undefined : partition);
    const failure = outcomes.find((error) => error !== null) ?? refused ?? (offsets ? null : this.losses.tell());
    if (failure) throw failure;
  }

  /** What may be committed of these, and the first refusal. Whoever is refused knows that it is lost. */
  #asked(offsets: readonly TopicPartitionOffset[] | undefined): { refused: Error | null; claims: Claim[] } {
    const { assignment } = this.#context;
    if (offsets === undefined) return { refused: null, claims: claimsOf(assignment) };
    let refused: Error | null = null;
    const claims: Claim[] = [];
    for (const offset of offsets) {
      const refusal = this.#refusal(offset);
      if (refusal === null) claims.push(claimFor(offset, assignment.get(offset)));
      else {
        refused ??= this.committer().refuse(offset, refusal);
        this.losses.forget(offset);
      }
    }
    return { refused, claims };
  }

  /**
   * A member commits what is assigned to it, and was all the time since it was handed out, so that what others have committed
   * is not set back; and no body an offset of a topic that was made anew meanwhile. null: nothing is against it.
   */
  #refusal(where: TopicPartition): CommitRefusal | null {
    const { assignment, body, isMember } = this.#context;
    const partition = assignment.get(where);
    if (partition === undefined) return isMember() ? 'not ours' : null;
    // What onAssigned commits is of this assignment.
    if (this.losses.has(where) && partition.hold !== 'onAssigned') return 'lost meanwhile';
    return body.hasOutlivedTopicOf(partition) || this.#isOfFormer(partition) ? 'of a former topic' : null;
  }

  /** The topic is another one by now, and the partition has no place in it yet. */
  #isOfFormer({ topic, topicId }: Partition): boolean {
    const now = this.#context.cluster.snapshot.topics.get(topic);
    return isAgreed(now) && topicId !== ZERO_UUID && now.topicId !== ZERO_UUID && now.topicId !== topicId;
  }

  /** @throws {TypeError} without a group */
  committer(): Committer {
    if (this.#context.committer) return this.#context.committer;
    throw new TypeError('consumer: committed offsets belong to a group; give a groupId');
  }

  /**
   * These are lost, and with them the chance to commit what is done of them. By hand, only what is committed is done. What was
   * to be committed of them before is not sent later: the member may get them again under the same generation. So are those
   * that were given back, but not in time.
   */
  lose(partitions: readonly Partition[]): void {
    const gone = [...partitions, ...this.losses.givenBack];
    if (this.#context.mode === 'auto') for (const claim of claimsOf(gone)) this.#remember(claim);
    this.losses.lose(gone);
    this.#context.committer?.lose();
    this.#look?.();
  }

  /** These went in order. */
  giveBack(partitions: readonly Partition[]): void {
    this.losses.giveBack(partitions);
    this.#look?.();
  }

  /**
   * There are partitions again. A loop gets again what was lost; whoever has left his loop learns it from his commit. Commits
   * that nobody makes by hand need not be told.
   */
  goOn(): void {
    if (this.#context.hasLoop()) this.begin();
  }

  /** A loop begins, or goes on with what it has got. */
  begin(): void {
    if (this.#context.mode === 'auto') this.losses.clear();
    else this.losses.begin(this.#context.assignment);
  }

  /**
   * What was remembered, once: unless the group's offset is another one by now. Then somebody else has gone on, or has set it.
   *
   * @param topicId of the topic that there is now
   * @param committed what the group has; null: nothing
   */
  recall(where: TopicPartition, topicId: string, committed: bigint | null): TopicPartitionOffset | undefined {
    const remembered = this.#remembered.get(keyOf(where));
    this.#remembered.delete(keyOf(where));
    const isGood = remembered?.topicId === topicId && remembered.base === committed;
    if (isGood) this.losses.forget(where);
    return isGood ? remembered.offset : undefined;
  }

  /** Is this the offset that we committed last, and of a topic that is not there any more? */
  isOfFormerTopic(committed: TopicPartitionOffset, topicId: string): boolean {
    const last = this.#last.get(keyOf(committed));
    if (last === undefined || last.topicId === topicId || clock.now() - last.at > LATE_COMMIT_MS) return false;
    return last.offset.offset === committed.offset && mayShareEpoch(last.offset, committed);
  }

  /** The topic was made anew: what was done of the old one means nothing. */
  forget(where: TopicPartition): void {
    this.#remembered.delete(keyOf(where));
  }

  #arm(): void {
    this.#timer = after(this.#context.intervalMs, () => {
      this.#arm();
      void this.#tick();
    });
    this.#timer.unref();
  }

  /** One at a time: a slow coordinator must not be given more and more of them. */
  async #tick(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    do {
      this.#isDue = false;
      await this.commitQuietly(this.#context.assignment, {});
    } while (this.#isDue && this.#timer !== null);
    this.#isRunning = false;
  }

  async #commit(claims: readonly Claim[], waiting: Waiting): Promise<(Error | null)[]> {
    const committer = this.committer();
    if (claims.length === 0) return [];
    const offsets = claims.map(({ offset }) => offset);
    const outcomes = await committer.commit(offsets, waiting);
    for (const [index, claim] of claims.entries()) if (outcomes[index] === null) this.#committed(claim);
    if (outcomes.every((error) => error === null)) this.#complaint.worked();
    return outcomes;
  }

  #committed({ offset, partition, incarnation, done, ...claim }: Claim): void {
    const key = keyOf(offset);
    this.#refused.delete(key);
    const current = this.#context.cluster.snapshot.topics.get(offset.topic)?.topicId ?? ZERO_UUID;
    const topicId = partition ? claim.topicId : current;
    if (topicId === ZERO_UUID) this.#last.delete(key);
    else this.#last.set(key, { offset, topicId, at: clock.now() });
    const remembered = this.#remembered.get(key);
    const isNewer = remembered?.progress === claim.progress && remembered.offset.offset > offset.offset;
    if (!isNewer) this.#remembered.delete(key);
    if (partition) partition.groupOffset = offset.offset;
    if (partition?.incarnation !== incarnation) return;
    partition.noteCommitted(offset.offset, done);
  }

  /** What did not work this time. */
  #putOff(claim: Claim | undefined, error: Error): void {
    const { isMember, onFatal } = this.#context;
    if (claim === undefined) return;
    this.#remember(claim);
    if (isOutOfGroup(error)) {
      // A member meets this in a rebalance. Who is no member will be refused for ever: the group has members.
      if (!isMember()) onFatal(error);
    } else if (isGone(error)) this.#tellOnce(claim, error);
    else this.#complaint.failed(error, isBrokerError(error) && !error.retriable);
  }

  #tellOnce({ offset }: Claim, error: Error): void {
    if (this.#refused.get(keyOf(offset)) === error.message) return;
    this.#refused.set(keyOf(offset), error.message);
    this.#context.cluster.options.logger.info('an offset cannot be committed', { error: error.message });
  }

  /** Unless its partition was moved since: then it says nothing of where that is now. */
  #remember({ offset, partition, progress, topicId }: Claim): void {
    if (partition === undefined || partition.account !== progress) return;
    const known = this.#remembered.get(keyOf(offset));
    const isOlder = known?.progress === progress && known.offset.offset >= offset.offset;
    if (isOlder) return;
    this.#remembered.set(keyOf(offset), { offset, topicId, progress, base: partition?.groupOffset ?? null });
  }
}

/** Two offsets of the same leader's epoch, as far as that is known (brokers keep it since Kafka 2.1). */
function mayShareEpoch(
  { leaderEpoch: one = -1 }: TopicPartitionOffset,
  { leaderEpoch: other = -1 }: TopicPartitionOffset,
) {
  return one === other || one < 0 || other < 0;
}

/** Its topic was deleted: nobody will ask for the offset. */
function isGone(error: Error): boolean {
  return isBrokerError(error, 'UNKNOWN_TOPIC_OR_PARTITION') || isBrokerError(error, 'UNKNOWN_TOPIC_ID');
}
