// Which partitions are ours: how they come and go, with the user's hooks, and who waits for them.
import { asError, isBrokerError, lateBecause } from '../errors.ts';
import type { AssignmentHandler } from '../group/membership.ts';
import { GONE_MS } from '../group/topic-judge.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import type { PartitionStart, TopicPartition, Waiting } from '../types.ts';
import { clock } from '../util/clock.ts';
import { type Assignment, checkStays } from './assignment.ts';
import type { Sent } from './claims.ts';
import type { Commits } from './commits.ts';
import type { Engine } from './engine.ts';
import type { FetchBuffer } from './fetch-buffer.ts';
import { HookCalls, until } from './hooks.ts';
import type { Partition, Untold } from './partition.ts';
import type { Refusals } from './refusals.ts';
import { Waiters } from './waiters.ts';

/** The longest that a commit takes for which no time is left. */
const LAST_COMMIT_MS = 500;

export interface OwnershipContext {
  readonly assignment: Assignment;
  readonly buffer: FetchBuffer;
  readonly engine: Pick<Engine<unknown, unknown>, 'body' | 'isHeld'>;
  readonly commits: Commits;
  readonly refusals: Refusals;
  readonly hooks: Pick<ResolvedConsumerOptions, 'onAssigned' | 'onRevoked' | 'onLost'>;
  /** There are partitions without a position. */
  place(): void;
  /** There are partitions that may be fetched. */
  fetch(): void;
  /** @throws why nobody needs to wait any longer */
  checkAlive(): void;
  /** What keeps partitions from being placed. */
  obstacle(): Error | null;
  onFatal(error: Error): void;
}

const TO_BE_ASSIGNED = 'partitions to be assigned';

export class Ownership implements AssignmentHandler {
  readonly #context: OwnershipContext;
  readonly #waiters = new Waiters();
  readonly #hooks = new HookCalls();
  /** Of partitions that were taken away: told by those that take their place in the next assignment. */
  readonly #untold = new Map<string, Untold>();
  /** Topics that something was assigned of. */
  readonly #had = new Set<string>();
  /** Partitions that were taken away before the end of reading, by key. */
  readonly #unread = new Map<string, { readonly topic: string; readonly at: number }>();
  /** Partitions that were taken away when they were read to the end of reading. */
  readonly #read = new Set<string>();
  /** Those of which a hook was told that they go. */
  readonly #told = new WeakSet<Partition>();
  #hasAssignment = false;

  constructor(context: OwnershipContext) {
    this.#context = context;
  }

  /** Are partitions assigned, and all positions known? */
  get isPlaced(): boolean {
    if (!this.#hasAssignment) return false;
    for (const { place } of this.#context.assignment) if (place.name === 'unplaced') return false;
    return true;
  }

  /** Has anything been assigned (be it nothing at all) that was not taken away since? */
  get hasAssignment(): boolean {
    return this.#hasAssignment;
  }

  /** Other topics are read from now on. */
  beginAnew(): void {
    this.#had.clear();
    this.#unread.clear();
    this.#read.clear();
    this.#untold.clear();
  }

  /** Was anything of this topic ever assigned? */
  hasHad(topic: string): boolean {
    return this.#had.has(topic);
  }

  /**
   * Those of the missing topics of which something was taken away that was not read to its end. What is there for longer than
   * a topic that is gone is kept has been read by others since, or can be.
   */
  unreadOf(missing: readonly string[]): Set<string> {
    const before = clock.now() - 2 * GONE_MS;
    for (const [key, { topic, at }] of this.#unread) {
      if (at < before && !missing.includes(topic)) this.#unread.delete(key);
    }
    const topics = [...this.#unread.values()].map(({ topic }) => topic);
    return new Set(topics.filter((topic) => missing.includes(topic)));
  }

  /** Something changed that callers may wait for. */
  wake(): void {
    this.#waiters.wake();
    this.#context.buffer.wake();
  }

  /** Exactly these from now on, without a group. One that was paused before stays so. */
  take(partitions: readonly PartitionStart[]): void {
    const { assignment, place } = this.#context;
    const paused = new Set([...assignment].filter(({ isPaused }) => isPaused).map(({ key }) => key));
    this.#drop([...assignment]);
    for (const { topic, partition, offset } of partitions) assignment.add({ topic, partition }, offset);
    for (const one of assignment) one.isPaused = paused.has(one.key);
    this.#hasAssignment = true;
    place();
    this.wake();
  }

  /** Until partitions are assigned and all positions are known. (The hook may be what waits for it.) */
  whenAssigned(waiting: Waiting): Promise<void> {
    return this.#until(waiting, TO_BE_ASSIGNED, () => {
      this.#context.buffer.throwInterruption();
      throwFailure(this.#context.assignment);
      return this.isPlaced;
    });
  }

  /** Why a wait for that took longer than it was given. */
  lateAssignment({ timeoutMs = 0 }: Waiting): Error {
    return lateBecause(TO_BE_ASSIGNED, timeoutMs, this.#context.obstacle() ?? undefined);
  }

  /** Until the position of this one is known. */
  whenPlaced(partition: Partition, waiting: Waiting): Promise<void> {
    const { topic, partition: number } = partition;
    return this.#until(waiting, `the position of ${topic}[${number}]`, () => {
      throwFailure([partition]);
      checkStays(partition);
      return partition.place.name !== 'unplaced';
    });
  }

  async assigned(
    added: readonly TopicPartition[],
    enough: AbortSignal,
    isNew: (where: TopicPartition) => boolean,
  ): Promise<void> {
    const { hooks, place, onFatal } = this.#context;
    const partitions = added.map((where) => this.#own(where));
    for (const [index, partition] of partitions.entries()) {
      partition.isNew = isNew(added[index] ?? partition);
      partition.hold = 'onAssigned';
    }
    this.#untold.clear();
    for (const { topic } of added) this.#had.add(topic);
    this.#hasAssignment = true;
    this.#context.commits.goOn();
    for (const topic of new Set(added.map(({ topic }) => topic))) this.#context.refusals.clear(topic);
    place();
    try {
      await this.#hooks.call(hooks.onAssigned, added, enough);
    } catch (error) {
      onFatal(asError(error));
    }
    if (!enough.aborted) this.#release(partitions);
  }

  async revoked(going: readonly TopicPartition[], enough: AbortSignal, isLost: () => boolean): Promise<void> {
    const { assignment, commits, engine, hooks } = this.#context;
    const partitions = assignment.all(going);
    for (const partition of partitions) partition.hold = 'revoking';
    await until(enough, engine.body.left(partitions));
    await until(enough, commits.underWay());
    if (isLost()) return;
    // When the time is up already there is a moment left for what was done before.
    const left = enough.aborted ? { timeoutMs: LAST_COMMIT_MS } : { signal: enough };
    const sent = await commits.commitAll(partitions, left);
    if (isLost()) return;
    await this.#tell(hooks.onRevoked, partitions, enough);
    if (!isLost()) await this.commitLast(sent, partitions, left);
    this.#drop(partitions);
    commits.giveBack(partitions);
  }

  /** Others may have sought while that was committed, and so may the hook. From now on a seek is refused: it would be lost. */
  async commitLast(sent: Sent, partitions: Iterable<Partition>, waiting: Waiting): Promise<void> {
    for (const partition of partitions) partition.leave();
    this.#waiters.wake();
    await this.#context.commits.commitSince(sent, partitions, waiting);
  }

  async lost(gone: readonly TopicPartition[], enough: AbortSignal): Promise<void> {
    const { assignment, commits, hooks } = this.#context;
    const partitions = assignment.all(gone);
    commits.lose(partitions);
    this.#drop(partitions);
    this.wake();
    await this.#tell(hooks.onLost, partitions, enough);
  }

  doubted(): void {
    this.#context.engine.isHeld = true;
  }

  proven(): void {
    this.#context.buffer.wake();
  }

  inBody(): object | null {
    return this.#context.engine.body.what;
  }

  async userCodeEnded(): Promise<void> {
    await Promise.all([this.#context.engine.body.left(), this.#hooks.ended()]);
  }

  onFatal(error: Error): void {
    this.#context.onFatal(error);
  }

  /** Told once: to the loop, or to whoever waits for the assignment. */
  onTopicError(error: Error): void {
    const { refusals } = this.#context;
    if (isBrokerError(error) && error.topic !== null && !refusals.isNews(error.topic, error.errorCode)) return;
    this.interrupt(error);
  }

  /** Told once: to the loop, or to whoever waits for the assignment. */
  interrupt(error: Error): void {
    this.#context.buffer.interrupt(error);
    this.#waiters.wake();
  }

  /** All of them, at the end. */
  dropAll(): void {
    this.#drop([...this.#context.assignment]);
  }

  /** One that is still being given back is given back; what comes now is another one. */
  #own(where: TopicPartition): Partition {
    const { assignment } = this.#context;
    const known = assignment.get(where);
    if (known && known.hold !== 'revoking') return known;
    const partition = assignment.add(where, 'committed');
    const untold = this.#untold.get(partition.key);
    if (untold) partition.inherit(untold);
    return partition;
  }

  /**
   * Of each once that it goes: its time may be up while that is done. A hook that throws cannot keep them: the loop gets
   * the error.
   */
  async #tell(
    hook: OwnershipContext['hooks']['onLost'],
    partitions: readonly Partition[],
    enough: AbortSignal,
  ): Promise<void> {
    const news = partitions.filter((partition) => !this.#told.has(partition));
    if (news.length === 0) return;
    for (const partition of news) this.#told.add(partition);
    const list = news.map(({ topic, partition }) => ({ topic, partition }));
    await this.#hooks.call(hook, list, enough).catch((error: unknown) => this.#context.onFatal(asError(error)));
  }

  #release(partitions: readonly Partition[]): void {
    for (const partition of partitions) {
      if (partition.hold === 'onAssigned') partition.hold = null;
      this.#context.buffer.enlist(partition);
    }
    this.#context.fetch();
    this.wake();
  }

  #drop(partitions: readonly Partition[]): void {
    for (const partition of partitions) {
      const { untold } = partition;
      if (untold) this.#untold.set(partition.key, untold);
      this.#noteEnd(partition);
      this.#context.assignment.remove(partition);
    }
    if (this.#context.assignment.size === 0) this.#hasAssignment = false;
  }

  /** Of one that never got its position nothing new is known. */
  #noteEnd({ key, topic, isAtEnd, position }: Partition): void {
    if (position === null) return;
    if (isAtEnd) this.#read.add(key);
    if (isAtEnd || this.#read.has(key)) this.#unread.delete(key);
    else this.#unread.set(key, { topic, at: clock.now() });
  }

  #until(waiting: Waiting, what: string, isTrue: () => boolean): Promise<void> {
    const { checkAlive, obstacle } = this.#context;
    const late = (): Error => lateBecause(what, waiting.timeoutMs ?? 0, obstacle() ?? undefined);
    const look = (): boolean => {
      checkAlive();
      return isTrue();
    };
    return this.#waiters.until(look, waiting, late);
  }
}

function throwFailure(partitions: Iterable<Partition>): void {
  for (const { failure } of partitions) if (failure !== null) throw failure;
}
