// Gives partitions their position: committed, or where to start or reset to.
//
//   wake() --> those without position, and not being looked up --> the group's offsets --> one look-up at each leader
//
// Look-ups at different leaders, and those begun later, do not wait for each other. What fails is looked up again after a
// pause. If a partition was moved meanwhile (seek, revocation: another incarnation), what was found is dropped.
import { Errors, ZERO_UUID } from '@hopwire/protocol';
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { impatiently } from '../cluster/impatience.ts';
import { type FoundOffset, listOffsets, type OffsetQuery } from '../cluster/list-offsets.ts';
import type { Owner } from '../cluster/owner.ts';
import { asError, type BrokerError, brokerError, isBrokerError, isRetriable, refreshesMetadata } from '../errors.ts';
import type { Committer } from '../group/committer.ts';
import type { ResolvedConsumerOptions, StartAt } from '../options.ts';
import type { TopicPartition, TopicPartitionOffset } from '../types.ts';
import { onAbort } from '../util/abort.ts';
import { Backoff } from '../util/backoff.ts';
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';
import { withoutAbsent } from './absence.ts';
import type { Assignment } from './assignment.ts';
import { endsAt } from './log-end.ts';
import type { Partition } from './partition.ts';
import type { Kept, Place, Start } from './place.ts';
import { moved } from './reset.ts';
import { decide, firstTimestamp, LATEST, secondTimestamp } from './start-rule.ts';

/** A leader that has not answered by then may be gone. */
const PATIENCE_MS = 1_000;
const MOST_BACKOFF_MS = 1_000;

export interface PlacerContext {
  readonly cluster: Cluster;
  /** Whose connections to leaders, unless a long poll is under way there. */
  readonly owner: Owner;
  readonly options: Pick<ResolvedConsumerOptions, 'startAt' | 'isolation' | 'until' | 'onOutOfRange' | 'commit'>;
  readonly assignment: Assignment;
  /** null: no group, so nothing is committed anywhere */
  readonly committer: Committer | null;
  readonly signal: AbortSignal;
  /** What this process has done of it already, if the last commit of that failed. */
  remembered(where: TopicPartition, topicId: string, committed: bigint | null): TopicPartitionOffset | undefined;
  /** Is that offset of a topic that was deleted, while another one has its name now? */
  isOfFormerTopic(committed: TopicPartitionOffset, topicId: string): boolean;
  /** Some of these have a position now, or are known to get none. */
  onPlaced(partitions: readonly Partition[]): void;
  /** Reading of a group's partition begins where another member would not begin: nothing is committed. */
  onBegun(): void;
  /** All that is looked up is refused: a loop is to be told, once. */
  onRefused(error: BrokerError): void;
  /** What was refused is not any more. */
  onAccepted(): void;
  /** Will not pass: the loop is to get the error when it comes to this partition. */
  onFailed(partition: Partition, error: Error): void;
  /** Keeps something from being placed for the moment. */
  onObstacle(error: Error): void;
  onFatal(error: Error): void;
}

type Unplaced = Extract<Place, { name: 'unplaced' }>;

/** A partition that is being looked up. */
interface Task {
  readonly partition: Partition;
  readonly place: Unplaced;
  readonly where: TopicPartition;
  start: Start;
  /** Where it was, and why that is no position any more: for an event. null: none. */
  from: bigint | null;
  why: string | null;
  isCommitted: boolean;
  target: FoundOffset | null;
}

/** Where a partition was first read from. */
interface Beginning extends Kept {
  readonly topicId: string;
}

export class Placer {
  readonly #context: PlacerContext;
  readonly #backoff: Backoff;
  /** Places that are being looked up, by whom. */
  readonly #busy = new Map<Place, Task>();
  readonly #running = new Set<Promise<void>>();
  /** By key, where reading began by a rule, while nothing was committed: the rule would leave out what came since. */
  readonly #begun = new Map<string, Beginning>();
  #said: Set<Partition> = new Set();
  #failures = 0;
  #again: Timer | null = null;

  constructor(context: PlacerContext) {
    this.#context = context;
    const { retryBackoffMs: initialMs, retryBackoffMaxMs } = context.cluster.options;
    this.#backoff = new Backoff({ initialMs, maxMs: Math.min(retryBackoffMaxMs, MOST_BACKOFF_MS) });
  }

  /** There may be partitions without a position. */
  wake(): void {
    this.#placeThese(this.#context.assignment.unplaced());
  }

  /** This one may have none. It is looked up together with the others of which that is said in the same turn. */
  wakeFor(partition: Partition): void {
    if (partition.place.name === 'placed') return;
    this.#said.add(partition);
    if (this.#said.size > 1) return;
    queueMicrotask(() => {
      const said = this.#said;
      this.#said = new Set();
      this.#placeThese([...said]);
    });
  }

  #placeThese(partitions: readonly Partition[]): void {
    if (this.#context.signal.aborted) return;
    const tasks = partitions.flatMap((partition) => this.#taskOf(partition));
    if (tasks.length === 0) return;
    for (const task of tasks) this.#busy.set(task.place, task);
    const run = this.#run(tasks).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Until nothing is under way; abort the context's signal first. */
  async ended(): Promise<void> {
    clock.clearTimer(this.#again);
    await Promise.all(this.#running);
  }

  #taskOf(partition: Partition): Task[] {
    const { place, failure } = partition;
    // A failure waits to be seen by the loop; trying on would only repeat it.
    if (place.name !== 'unplaced' || failure !== null || this.#busy.has(place)) return [];
    const where = { topic: partition.topic, partition: partition.partition };
    const { start, from, why } = place;
    return [{ partition, place, where, start, from, why, isCommitted: false, target: null }];
  }

  /** Never rejects. */
  async #run(tasks: readonly Task[]): Promise<void> {
    const failure = await this.#placeAll(tasks).catch(asError);
    for (const task of tasks) this.#isOver(task);
    if (this.#context.signal.aborted) return;
    this.#confirm(tasks);
    if (failure === null) this.#accepted();
    else if (isRetriable(failure)) this.#failed(failure);
    else if (isBrokerError(failure)) this.#refused(failure);
    else this.#context.onFatal(failure);
    this.#context.onPlaced(partitionsOf(tasks));
  }

  /** What the client knows of a topic may be minutes old, and the topic another one by now: that is found out soon. */
  #confirm(tasks: readonly Task[]): void {
    const { cluster, signal } = this.#context;
    const unsure = tasks.filter(({ partition: { place, isIdSure } }) => place.name === 'placed' && !isIdSure);
    if (unsure.length === 0) return;
    const topics = [...new Set(unsure.map(({ where }) => where.topic))];
    // A failure leaves it open until metadata are asked for again.
    cluster.freshMetadata(topics, { signal }).catch(() => undefined);
  }

  #accepted(): void {
    this.#failures = 0;
    this.#context.onAccepted();
  }

  /** One loop is told. It is asked for again all the same, because rights may come back. */
  #refused(failure: BrokerError): void {
    this.#context.onRefused(failure);
    this.#failed(failure);
  }

  #failed(failure: Error): void {
    this.#context.onObstacle(failure);
    clock.clearTimer(this.#again);
    const isFirst = ++this.#failures === 1;
    if (isFirst) this.#refreshAfter(failure);
    this.#again = after(this.#backoff.delay(this.#failures), () => {
      // Each snapshot leads to another attempt: asked for at once each time, the two would drive each other.
      if (!isFirst) this.#refreshAfter(failure);
      this.wake();
    });
  }

  #refreshAfter(failure: Error): void {
    const { cluster, signal } = this.#context;
    // A failure to refresh is met again by the next attempt.
    if (refreshesMetadata(failure)) cluster.refreshMetadata({ signal }).catch(() => undefined);
  }

  /** @returns the first retriable failure, if any is left to be tried again */
  async #placeAll(all: readonly Task[]): Promise<Error | null> {
    const { cluster, signal } = this.#context;
    const { requestTimeoutMs: timeoutMs } = cluster.options;
    await cluster.metadataFor([...new Set(all.map(({ partition }) => partition.topic))], { signal, timeoutMs });
    const [tasks, absence] = withoutAbsent(cluster, all);
    let failure = await this.#lookUpCommitted(tasks.filter(({ start }) => start === 'committed'));
    const open = tasks.filter(({ start, target }) => target !== null || start !== 'committed');
    const groups = [...byLeader(cluster, open)];
    const failures = await Promise.all(groups.map(([leader, group]) => this.#placeAt(leader, group)));
    for (const one of failures) failure ??= one;
    return failure ?? absence;
  }

  async #lookUpCommitted(tasks: readonly Task[]): Promise<Error | null> {
    const { committer, signal } = this.#context;
    const wanted = tasks.map(({ where }) => where);
    const { requestTimeoutMs: timeoutMs } = this.#context.cluster.options;
    const found = committer && tasks.length > 0 ? await committer.fetch(wanted, { signal, timeoutMs }) : null;
    let failure: Error | null = null;
    for (const task of tasks) {
      const committed = found?.get(task.partition.key);
      if (committed instanceof Error) failure = this.#reject(task, committed) ?? failure;
      else this.#startFrom(task, committed);
    }
    return failure;
  }

  #startFrom(task: Task, found: TopicPartitionOffset | undefined): void {
    const { remembered, isOfFormerTopic, options } = this.#context;
    const topicId = this.#topicId(task.where.topic);
    const isFormer = found !== undefined && isOfFormerTopic(found, topicId);
    const committed = isFormer ? undefined : found;
    task.partition.groupOffset = committed && committed.offset >= 0n ? committed.offset : null;
    const done = remembered(task.where, topicId, task.partition.groupOffset);
    // Also one before it: somebody has sought it, and nobody else has moved on since.
    const known = done ?? committed;
    const untold = task.partition.takeInherited();
    const begun = this.#begun.get(task.partition.key);
    this.#begun.delete(task.partition.key);
    if (known && known.offset >= 0n) {
      task.target = { offset: known.offset, timestamp: -1n, leaderEpoch: known.leaderEpoch ?? -1 };
      task.isCommitted = known === committed;
    } else if (untold?.failure) {
      task.partition.unplace('earliest');
      this.#context.onFailed(task.partition, untold.failure);
    } else {
      const rule = isFormer || task.partition.isNew ? fromBeginning(options.startAt) : options.startAt;
      task.start = untold?.start ?? (begun?.topicId === topicId ? begun : rule);
      task.from = untold?.from ?? null;
      task.why = untold?.why ?? null;
    }
  }

  #topicId(topic: string): string {
    return this.#context.cluster.snapshot.topics.get(topic)?.topicId ?? ZERO_UUID;
  }

  /** Those of one leader, settled as soon as it has answered. @returns the first retriable failure */
  async #placeAt(leader: Broker | undefined, tasks: readonly Task[]): Promise<Error | null> {
    const { cluster, signal } = this.#context;
    const moving = new AbortController();
    const unlink = onAbort(signal, () => moving.abort(signal.reason));
    const stop = cluster.onSnapshot(() => {
      const gone = tasks.find(({ partition }) => cluster.leaderOf(partition) !== leader);
      if (gone) moving.abort(brokerError(Errors.NOT_LEADER_OR_FOLLOWER, 'Metadata', gone.where));
    });
    try {
      const failure = await impatiently(cluster, PATIENCE_MS, this.#lookUp(tasks, moving.signal));
      for (const task of tasks) this.#settle(task);
      this.#context.onPlaced(partitionsOf(tasks));
      return failure;
    } catch (error) {
      if (signal.aborted || !isRetriable(error)) throw error;
      return asError(error);
    } finally {
      stop();
      unlink();
    }
  }

  async #lookUp(tasks: readonly Task[], signal: AbortSignal): Promise<Error | null> {
    const failure = await this.#findTargets(tasks, signal);
    return (await this.#findEnds(tasks, signal)) ?? failure;
  }

  async #findTargets(tasks: readonly Task[], signal: AbortSignal): Promise<Error | null> {
    const open = tasks.filter(({ target }) => target === null);
    for (const task of open) task.target = given(task.start);
    const asking = open.filter(({ target }) => target === null);
    const first = await this.#list(asking, signal, (task) => firstTimestamp(task.start));
    const secondOf = (task: Task): bigint | null => secondTimestamp(task.start, first.get(task));
    const second = await this.#list(
      asking.filter((task) => secondOf(task) !== null),
      signal,
      (task) => secondOf(task) ?? LATEST,
    );
    let failure: Error | null = null;
    for (const task of asking) {
      const { start, where, from } = task;
      const target = decide({ start, where, from }, first.get(task), second.get(task));
      if (target instanceof Error) failure = this.#reject(task, target) ?? failure;
      else task.target = target;
    }
    return failure;
  }

  /** With `until: 'end'`, the end of the log: when reading begins, and again where it was cut. */
  async #findEnds(tasks: readonly Task[], signal: AbortSignal): Promise<Error | null> {
    if (this.#context.options.until !== 'end') return null;
    const asking = tasks.filter(({ target }) => target !== null);
    const ends = await this.#list(asking, signal, () => LATEST);
    let failure: Error | null = null;
    for (const task of asking) {
      const end = ends.get(task);
      if (end !== undefined && !(end instanceof Error)) {
        task.partition.endAt(end.offset);
        task.partition.logEnd = endsAt(end.offset);
      } else {
        task.target = null;
        if (end) failure = this.#reject(task, end) ?? failure;
      }
    }
    return failure;
  }

  /** It may be looked up again. */
  #isOver(task: Task): void {
    if (this.#busy.get(task.place) === task) this.#busy.delete(task.place);
  }

  /** @returns the error when it is worth another attempt */
  #reject(task: Task, error: Error): Error | null {
    if (isRetriable(error)) return error;
    // Whoever is told may ask again at once.
    this.#isOver(task);
    if (task.partition.place === task.place) this.#context.onFailed(task.partition, error);
    return null;
  }

  async #list(
    tasks: readonly Task[],
    signal: AbortSignal,
    timestampOf: (task: Task) => bigint,
  ): Promise<Map<Task, FoundOffset | Error>> {
    if (tasks.length === 0) return new Map();
    const queries = tasks.map((task): OffsetQuery => ({ ...task.where, timestamp: timestampOf(task) }));
    const { cluster, owner, options } = this.#context;
    const ownerAt = (leader: Broker): Owner => (leader.isBusy(owner) ? cluster.control : owner);
    const { requestTimeoutMs: timeoutMs } = cluster.options;
    const found = await listOffsets(cluster, queries, { isolation: options.isolation, signal, timeoutMs, ownerAt });
    signal.throwIfAborted();
    return new Map(tasks.flatMap((task, index) => (found[index] ? [[task, found[index]]] : [])));
  }

  /** By hand nothing is committed that the user has not asked for. Else it is, once the topic is sure to be the same one. */
  #begin({ key, isIdSure }: Partition, beginning: Beginning): void {
    if (this.#context.options.commit === 'manual') this.#begun.set(key, beginning);
    else if (isIdSure) this.#context.onBegun();
  }

  #settle({ partition, place, target, start, isCommitted, from, why }: Task): void {
    if (target === null || partition.place !== place) return;
    const { cluster } = this.#context;
    partition.placeAt(target.offset, target.leaderEpoch, isCommitted);
    const topicId = this.#topicId(partition.topic);
    const isAnother = partition.topicId !== ZERO_UUID && partition.topicId !== topicId;
    partition.topicId = topicId;
    partition.placedBy = place.start;
    partition.isIdSure = cluster.isFetchedSince(partition.topic, partition.createdAt);
    const begins = isAnother || (place.start === 'committed' && !isCommitted);
    if (begins && this.#context.options.startAt !== 'earliest') {
      this.#begin(partition, { offset: target.offset, leaderEpoch: target.leaderEpoch, topicId });
    }
    if (start === 'latest') partition.logEnd = endsAt(target.offset);
    // The same number in another log is another place.
    if (why !== null && (target.offset !== from || isAnother)) moved(cluster, partition, from, target.offset, why);
  }
}

function byLeader(cluster: Cluster, tasks: readonly Task[]): Map<Broker | undefined, Task[]> {
  const groups = new Map<Broker | undefined, Task[]>();
  for (const task of tasks) {
    const leader = cluster.leaderOf(task.partition);
    const group = groups.get(leader);
    if (group) group.push(task);
    else groups.set(leader, [task]);
  }
  return groups;
}

/** null: to be looked up. */
function given(start: Start): FoundOffset | null {
  if (typeof start === 'bigint') return { offset: start, timestamp: -1n, leaderEpoch: -1 };
  if (typeof start !== 'object' || !('offset' in start)) return null;
  return { offset: start.offset, timestamp: -1n, leaderEpoch: start.leaderEpoch };
}

/** Of a partition that appeared later: what was written to it before we saw it counts as new. */
function fromBeginning(startAt: StartAt): StartAt {
  return typeof startAt === 'object' && 'timestampMs' in startAt ? startAt : 'earliest';
}

function partitionsOf(tasks: readonly Task[]): Partition[] {
  return tasks.map(({ partition }) => partition);
}
