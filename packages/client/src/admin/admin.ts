// The public admin class: thin over topics and offsets. Retries go by the call's deadline (60 s unless it names one).
import type { Cluster } from '../cluster/cluster.ts';
import type { Owner } from '../cluster/owner.ts';
import { asError, ClosedError, isRetriable, refreshesMetadata } from '../errors.ts';
import type { TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
import { bool, checkText, oneOf } from '../util/check-options.ts';
import { checkPartitions, listOf } from '../util/check-positions.ts';
import { checkWaiting } from '../util/check-waiting.ts';
import { withSignals } from '../util/linked-signal.ts';
import { retry } from '../util/retry.ts';
import { checkNewTopics } from './check-new-topics.ts';
import { checkQueries, committedOffsets, type FoundOffset, type OffsetQuery, OffsetSearch } from './offsets.ts';
import type { Outcome } from './result.ts';
import { TopicCreation } from './topic-creation.ts';
import { TopicDeletion } from './topic-deletion.ts';
import { type CreatedTopic, described, listed, type NewTopic, type TopicDescription } from './topics.ts';

const ISOLATIONS = ['read_committed', 'read_uncommitted'] as const;

/** From `kafka.admin()`. Calls about several items give an outcome for each. */
export class Admin implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #owner: Owner;
  readonly #onClosed: (admin: Admin) => void;
  readonly #closing = new AbortController();

  constructor(cluster: Cluster, owner: Owner, onClosed: (admin: Admin) => void = () => undefined) {
    this.#cluster = cluster;
    this.#owner = owner;
    this.#onClosed = onClosed;
  }

  /** Outcomes by name, e.g. an error TOPIC_ALREADY_EXISTS. */
  async createTopics(
    topics: readonly NewTopic[],
    options: Waiting & { validateOnly?: boolean | undefined } = {},
  ): Promise<Map<string, Outcome<CreatedTopic>>> {
    const waiting = checkWaiting('createTopics', options, ['validateOnly']);
    const validateOnly = bool('createTopics: validateOnly', options?.validateOnly, false);
    const creation = new TopicCreation(this.#cluster, this.#owner, checkNewTopics(topics), validateOnly);
    return this.#retry(waiting, (left) => creation.attempt(left));
  }

  async deleteTopics(names: readonly string[], options: Waiting = {}): Promise<Map<string, Outcome<null>>> {
    const waiting = checkWaiting('deleteTopics', options);
    const deletion = new TopicDeletion(this.#cluster, this.#owner, checkNames('deleteTopics', names));
    return this.#retry(waiting, (left) => deletion.attempt(left));
  }

  /** All topics this user may see, by name. */
  async listTopics(options: Waiting & { includeInternal?: boolean | undefined } = {}): Promise<TopicDescription[]> {
    const waiting = checkWaiting('listTopics', options, ['includeInternal']);
    const includeInternal = bool('listTopics: includeInternal', options?.includeInternal, false);
    return this.#retry(waiting, async (left) => listed(await this.#cluster.allTopics(left), includeInternal));
  }

  /** As the cluster describes them now. */
  async describeTopics(
    names: readonly string[],
    options: Waiting = {},
  ): Promise<Map<string, Outcome<TopicDescription>>> {
    const waiting = checkWaiting('describeTopics', options);
    const asked = checkNames('describeTopics', names);
    return this.#retry(waiting, async (left) => {
      const snapshot = await this.#cluster.freshMetadata(asked, left);
      return new Map(asked.map((name) => [name, described(snapshot, name)]));
    });
  }

  /**
   * Offsets of logs, in the order of the queries: one request for each leader. A partition without a leader is waited
   * for, one that is not there for about a second; the others do not suffer from it.
   */
  async listOffsets(
    queries: readonly OffsetQuery[],
    options: Waiting & { isolation?: 'read_committed' | 'read_uncommitted' | undefined } = {},
  ): Promise<Outcome<FoundOffset>[]> {
    checkQueries(queries);
    const waiting = checkWaiting('listOffsets', options, ['isolation']);
    const isolation = oneOf('listOffsets: isolation', options?.isolation, 'read_committed', ISOLATIONS);
    const asked = queries.map((query) => ({ ...query }));
    const search = new OffsetSearch(this.#cluster, this.#owner, asked, isolation);
    return this.#retry(waiting, (left) => search.attempt(left)).catch((error: unknown) => {
      const outcomes = isRetriable(error) && !waiting.signal?.aborted ? search.outcomesAfter(asError(error)) : null;
      if (!outcomes) throw error;
      return outcomes;
    });
  }

  /** What a group has committed: of these partitions, or of all. Partitions without a commit are left out. */
  async committedOffsets(
    groupId: string,
    options: Waiting & { partitions?: readonly TopicPartition[] | undefined } = {},
  ): Promise<Outcome<TopicPartitionOffset>[]> {
    const waiting = checkWaiting('committedOffsets', options, ['partitions']);
    checkText('committedOffsets: groupId', groupId);
    const given = options?.partitions ?? null;
    if (given !== null) checkPartitions('committedOffsets: partitions', given);
    const partitions = given?.map(({ topic, partition }) => ({ topic, partition })) ?? null;
    return this.#retry(waiting, (left) => {
      return committedOffsets(this.#cluster, this.#owner, groupId, partitions, left).catch((error: unknown) => {
        this.#cluster.forgetCoordinator(groupId, 0);
        throw error;
      });
    });
  }

  /** Calls that are still under way fail with a ClosedError. */
  async close(options: Waiting = {}): Promise<void> {
    checkWaiting('admin.close', options);
    if (!this.#closing.signal.aborted) {
      this.#closing.abort(new ClosedError('the admin client'));
      this.#onClosed(this);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The controller and leaders may have moved: what failed because of old metadata is tried with new. */
  async #retry<T>(waiting: Waiting, attempt: (left: Waiting) => Promise<T>): Promise<T> {
    const { signal: closing } = this.#closing;
    closing.throwIfAborted();
    const { signal, timeoutMs } = waiting;
    let stale = false;
    const onFailure = (error: Error): void => {
      stale = refreshesMetadata(error);
    };
    const policy = { ...this.#cluster.retryPolicy, onFailure };
    return withSignals([signal, closing], (either) =>
      retry(policy, { signal: either, timeoutMs }, async (left) => {
        if (stale) await this.#cluster.refreshMetadata(left);
        stale = false;
        return attempt(left);
      }),
    );
  }
}

/** Which names a cluster takes is its own business; what no request can carry is refused. */
function checkNames(what: string, names: readonly string[]): string[] {
  return listOf(what, names, 'topics').map(([at, name]) => checkText(at, name));
}
