// Gives partitions their position: committed, or where to start or reset to. Runs while there are any without one.
import { Errors } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, brokerError, isRetriable } from '../errors.ts';
import type { Committer } from '../group/committer.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import type { TopicPartition, TopicPartitionOffset } from '../types.ts';
import { Backoff } from '../util/backoff.ts';
import { sleep } from '../util/timers.ts';
import { type Assignment, keyOf } from './assignment.ts';
import { EARLIEST, type FoundOffset, type FoundOffsets, LATEST, listOffsets, type OffsetQuery } from './offsets.ts';
import type { Partition, Place, Start } from './partition.ts';

export interface PlacerContext {
  readonly cluster: Cluster;
  readonly options: Pick<ResolvedConsumerOptions, 'startAt' | 'isolation' | 'until' | 'onOutOfRange'>;
  readonly assignment: Assignment;
  /** null: no group, so nothing is committed anywhere */
  readonly committer: Committer | null;
  readonly signal: AbortSignal;
  /** What this process has done of it already, if the last commit of that failed. */
  remembered(where: TopicPartition): TopicPartitionOffset | undefined;
  onPlaced(): void;
  onFailed(partition: Partition, error: Error): void;
  onFatal(error: Error): void;
}

type Unplaced = Extract<Place, { name: 'unplaced' }>;

/** A partition to be placed. If its place was changed meanwhile (seek, revocation), what was found is dropped. */
interface Task {
  readonly partition: Partition;
  readonly place: Unplaced;
  start: Start;
  target: FoundOffset | null;
}

export class Placer {
  readonly #context: PlacerContext;
  #running: Promise<void> | null = null;

  constructor(context: PlacerContext) {
    this.#context = context;
  }

  /** There may be partitions without a position. */
  wake(): void {
    if (this.#running !== null || this.#context.signal.aborted) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        if (!this.#context.signal.aborted) this.#context.onFatal(asError(error));
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /** Until the loop has ended. */
  async ended(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    const { cluster, assignment, signal } = this.#context;
    const { retryBackoffMs, retryBackoffMaxMs } = cluster.options;
    const backoff = new Backoff({ initialMs: retryBackoffMs, maxMs: Math.min(retryBackoffMaxMs, 1_000) });
    for (let attempt = 0; ; ) {
      const tasks = assignment.unplaced().flatMap(taskOf);
      if (tasks.length === 0 || signal.aborted) return;
      const failure = await this.#placeAll(tasks).catch(asError);
      if (signal.aborted) return;
      this.#context.onPlaced();
      if (failure === null) continue;
      if (!isRetriable(failure)) throw failure;
      await sleep(backoff.delay(++attempt), signal);
      await cluster.refreshMetadata({ signal }).catch(ignoreRetriable);
    }
  }

  /** @returns the first retriable failure, if any is left to be tried again */
  async #placeAll(tasks: readonly Task[]): Promise<Error | null> {
    const { cluster, signal } = this.#context;
    await cluster.metadataFor([...new Set(tasks.map(({ partition }) => partition.topic))], { signal });
    await this.#lookUpCommitted(tasks.filter(({ start }) => start === 'committed'));
    const failure = (await this.#findTargets(tasks)) ?? (await this.#findEnds(tasks));
    for (const task of tasks) this.#settle(task);
    return failure;
  }

  async #lookUpCommitted(tasks: readonly Task[]): Promise<void> {
    const { committer, options, signal } = this.#context;
    const offsets =
      committer && tasks.length > 0
        ? await committer.fetch(
            tasks.map((t) => t.partition),
            { signal },
          )
        : [];
    const byKey = new Map(offsets.map((one) => [keyOf(one), one]));
    for (const task of tasks) {
      const committed = byKey.get(keyOf(task.partition));
      const done = this.#context.remembered(task.partition);
      const known = done && done.offset > (committed?.offset ?? -1n) ? done : committed;
      if (known && known.offset >= 0n) task.target = { offset: known.offset, leaderEpoch: known.leaderEpoch ?? -1 };
      else task.start = options.startAt;
    }
  }

  async #findTargets(tasks: readonly Task[]): Promise<Error | null> {
    const open = tasks.filter((task) => task.target === null);
    for (const task of open) if (typeof task.start === 'bigint') task.target = { offset: task.start, leaderEpoch: -1 };
    const asking = open.filter((task) => task.target === null);
    const first = await this.#list(asking, (task) => firstTimestamp(task.start));
    // Rules that need a second look: the other end of the log.
    const second = await this.#list(
      asking.filter((task) => needsSecond(task.start, first.get(keyOf(task.partition)))),
      (task) => (task.start === 'nearest' || isLast(task.start) ? EARLIEST : LATEST),
    );
    let failure: Error | null = null;
    for (const task of asking) {
      const key = keyOf(task.partition);
      const target = decide(task, first.get(key), second.get(key));
      if (target instanceof Error) failure = this.#failed(task, target) ?? failure;
      else task.target = target;
    }
    return failure;
  }

  /** With `until: 'end'`, the end of the log when reading begins. */
  async #findEnds(tasks: readonly Task[]): Promise<Error | null> {
    if (this.#context.options.until !== 'end') return null;
    const asking = tasks.filter((task) => task.target !== null && task.partition.end === null);
    const ends = await this.#list(asking, () => LATEST);
    let failure: Error | null = null;
    for (const task of asking) {
      const end = ends.get(keyOf(task.partition));
      if (end !== undefined && !(end instanceof Error)) task.partition.end = end.offset;
      else {
        task.target = null;
        if (end) failure = this.#failed(task, end) ?? failure;
      }
    }
    return failure;
  }

  /** @returns the error when it is worth another attempt */
  #failed(task: Task, error: Error): Error | null {
    if (isRetriable(error)) return error;
    if (task.partition.place !== task.place) return null;
    this.#context.onFailed(task.partition, error);
    return null;
  }

  async #list(tasks: readonly Task[], timestampOf: (task: Task) => bigint): Promise<FoundOffsets> {
    if (tasks.length === 0) return new Map();
    const queries = tasks.map((task): OffsetQuery => {
      const { topic, partition } = task.partition;
      return { topic, partition, timestamp: timestampOf(task) };
    });
    const { cluster, options, signal } = this.#context;
    return listOffsets(cluster, queries, { isolation: options.isolation, signal });
  }

  #settle({ partition, place, target }: Task): void {
    if (target === null || partition.place !== place) return;
    partition.placeAt(target.offset, target.leaderEpoch);
    const { topic, partition: number } = partition;
    if (place.from === null) return;
    const reason = 'the position was out of range';
    this.#context.cluster.emit({
      type: 'reset',
      topic,
      partition: number,
      from: place.from,
      to: target.offset,
      reason,
    });
  }
}

function taskOf(partition: Partition): Task[] {
  // A failure waits to be seen by the loop; trying on would only repeat it.
  if (partition.place.name !== 'unplaced' || partition.failure !== null) return [];
  return [{ partition, place: partition.place, start: partition.place.start, target: null }];
}

function isLast(start: Start): start is { last: number } {
  return typeof start === 'object' && 'last' in start;
}

function firstTimestamp(start: Start): bigint {
  if (start === 'earliest') return EARLIEST;
  if (typeof start === 'object' && 'timestampMs' in start) return BigInt(start.timestampMs);
  return LATEST;
}

function needsSecond(start: Start, first: FoundOffset | Error | undefined): boolean {
  if (first === undefined || first instanceof Error) return false;
  return start === 'nearest' || isLast(start) || first.offset < 0n;
}

function decide(
  task: Task,
  first: FoundOffset | Error | undefined,
  second: FoundOffset | Error | undefined,
): FoundOffset | Error {
  const { topic, partition } = task.partition;
  // Left out of the answer: as if the broker did not know it yet.
  if (first === undefined) return brokerError(Errors.UNKNOWN_TOPIC_OR_PARTITION, 'ListOffsets', { topic, partition });
  if (first instanceof Error || second === undefined) return first;
  if (second instanceof Error) return second;
  if (isLast(task.start)) {
    const wanted = first.offset - BigInt(task.start.last);
    return { offset: wanted > second.offset ? wanted : second.offset, leaderEpoch: -1 };
  }
  if (task.start === 'nearest') return (task.place.from ?? 0n) < second.offset ? second : first;
  return second;
}

function ignoreRetriable(error: unknown): void {
  if (!isRetriable(error)) throw error;
}
