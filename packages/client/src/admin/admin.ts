// The public admin class: thin over topics and offsets. Retries go by the call's deadline (60 s unless it names one).
import type { Cluster } from '../cluster/cluster.ts';
import { ClosedError, isBrokerError, refreshesMetadata } from '../errors.ts';
import type { TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
import { retry } from '../util/retry.ts';
import { committedOffsets, type FoundOffset, type OffsetQuery, offsetAt } from './offsets.ts';
import type { Outcome } from './result.ts';
import {
  type CreatedTopic,
  createTopics,
  deleteTopics,
  described,
  listed,
  type NewTopic,
  type TopicDescription,
} from './topics.ts';

/** From `kafka.admin()`. Calls about several items give an outcome for each. */
export class Admin implements AsyncDisposable {
  readonly #cluster: Cluster;
  #closed = false;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Outcomes by name, e.g. an error TOPIC_ALREADY_EXISTS. */
  createTopics(
    topics: readonly NewTopic[],
    options: Waiting & { validateOnly?: boolean | undefined } = {},
  ): Promise<Map<string, Outcome<CreatedTopic>>> {
    return this.#retry(options, (left) => createTopics(this.#cluster, topics, { ...options, ...left }));
  }

  deleteTopics(names: readonly string[], options: Waiting = {}): Promise<Map<string, Outcome<null>>> {
    return this.#retry(options, (left) => deleteTopics(this.#cluster, names, left));
  }

  /** All topics this user may see, by name. */
  listTopics(options: Waiting & { includeInternal?: boolean | undefined } = {}): Promise<TopicDescription[]> {
    const { includeInternal = false, ...waiting } = options;
    return this.#retry(waiting, async (left) => listed(await this.#cluster.allTopics(left), includeInternal));
  }

  describeTopics(names: readonly string[], options: Waiting = {}): Promise<Map<string, Outcome<TopicDescription>>> {
    return this.#retry(options, async (left) => {
      const snapshot = await this.#cluster.metadataFor(names, left);
      return new Map(names.map((name) => [name, described(snapshot, name)]));
    });
  }

  /** Offsets of logs, in the order of the queries. A partition without a leader is waited for. */
  listOffsets(
    queries: readonly OffsetQuery[],
    options: Waiting & { isolation?: 'read_committed' | 'read_uncommitted' | undefined } = {},
  ): Promise<Outcome<FoundOffset>[]> {
    const { isolation = 'read_committed', ...waiting } = options;
    const one = (query: OffsetQuery): Promise<FoundOffset> =>
      this.#retry(waiting, (left) => offsetAt(this.#cluster, query, { ...left, isolation }));
    return Promise.all(queries.map((query) => one(query).then(asOk, asOutcome)));
  }

  /** What a group has committed: of these partitions, or of all. Partitions without a commit are left out. */
  committedOffsets(
    groupId: string,
    options: Waiting & { partitions?: readonly TopicPartition[] | undefined } = {},
  ): Promise<Outcome<TopicPartitionOffset>[]> {
    const { partitions = null, ...waiting } = options;
    return this.#retry(waiting, (left) => {
      return committedOffsets(this.#cluster, groupId, partitions, left).catch((error: unknown) => {
        this.#cluster.forgetCoordinator(groupId, 0);
        throw error;
      });
    });
  }

  close(_options: Waiting = {}): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The controller and leaders may have moved: what failed because of old metadata is tried with new. */
  async #retry<T>(waiting: Waiting, attempt: (left: Waiting) => Promise<T>): Promise<T> {
    if (this.#closed) throw new ClosedError('the admin client');
    let stale = false;
    const onFailure = (error: Error): void => {
      stale = refreshesMetadata(error);
    };
    return retry({ ...this.#cluster.retryPolicy, onFailure }, waiting, async (left) => {
      if (stale) await this.#cluster.refreshMetadata(left);
      stale = false;
      return attempt(left);
    });
  }
}

function asOk<T>(ok: T): Outcome<T> {
  return { ok };
}

/** Errors of one partition are its outcome; anything else concerns the call. */
function asOutcome(error: unknown): { error: Error } {
  if (isBrokerError(error)) return { error };
  throw error;
}
