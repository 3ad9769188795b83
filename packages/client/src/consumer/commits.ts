// The account of commits: what is done and not committed yet, in the background and by hand.
import type { Cluster } from '../cluster/cluster.ts';
import { isBrokerError } from '../errors.ts';
import { type Committer, isOutOfGroup } from '../group/committer.ts';
import type { TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
import { clampDelay } from '../util/timers.ts';
import { type Assignment, keyOf } from './assignment.ts';

export interface CommitsContext {
  readonly cluster: Cluster;
  readonly assignment: Assignment;
  /** null: no group */
  readonly committer: Committer | null;
  readonly mode: 'auto' | 'manual';
  readonly intervalMs: number;
  onFatal(error: Error): void;
}

export class Commits {
  readonly #context: CommitsContext;
  /** Done, but not committed when the partition was lost: nothing of it has to be repeated if it comes back. */
  readonly #remembered = new Map<string, TopicPartitionOffset>();
  #timer: NodeJS.Timeout | null = null;

  constructor(context: CommitsContext) {
    this.#context = context;
  }

  /** Commits from now on each interval, if there is a group and nobody wants to do it by hand. */
  start(): void {
    const { mode, committer, intervalMs } = this.#context;
    if (mode !== 'auto' || committer === null || this.#timer !== null) return;
    this.#timer = setInterval(() => void this.commitQuietly(), clampDelay(intervalMs)).unref();
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** In the background: a failure delays the commit, unless it says that there will never be one. */
  async commitQuietly(timeoutMs?: number): Promise<void> {
    const { assignment, mode, cluster, onFatal } = this.#context;
    if (mode !== 'auto' || this.#context.committer === null) return;
    const offsets = assignment.uncommitted();
    try {
      await this.commit(offsets, timeoutMs === undefined ? {} : { timeoutMs });
    } catch (error) {
      this.remember(offsets);
      if (isBrokerError(error) && !error.retriable && !isOutOfGroup(error)) onFatal(error);
      else cluster.options.logger.info('the commit is put off', { error });
    }
  }

  async commit(offsets: readonly TopicPartitionOffset[], waiting: Waiting): Promise<void> {
    const { assignment } = this.#context;
    const owners = offsets.map((offset) => assignment.get(offset));
    await this.committer().commit(offsets, waiting);
    offsets.forEach((committed, index) => {
      this.#remembered.delete(keyOf(committed));
      const owner = owners[index];
      if (owner) owner.committedOffset = committed.offset;
    });
  }

  /** @throws {TypeError} without a group */
  committer(): Committer {
    if (this.#context.committer) return this.#context.committer;
    throw new TypeError('consumer: committed offsets belong to a group; give a groupId');
  }

  remember(offsets: readonly TopicPartitionOffset[]): void {
    for (const offset of offsets) this.#remembered.set(keyOf(offset), offset);
  }

  recall(where: TopicPartition): TopicPartitionOffset | undefined {
    const remembered = this.#remembered.get(keyOf(where));
    this.#remembered.delete(keyOf(where));
    return remembered;
  }
}
