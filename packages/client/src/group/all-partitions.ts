/*
 * Without a group: every partition of the chosen topics is ours, also those that appear later.
 *
 *   idle --start--> looking --found--> owning --grown, found--> assigned(added); gone--> lost(gone) --> owning
 *   any --close()--> revoked(all) --> left
 */
import type { Cluster } from '../cluster/cluster.ts';
import { asError, ClosedError, TimeoutError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import { type Deadline, waitFor } from '../util/timers.ts';
import { ClosingTime } from './closing-time.ts';
import { HandlerCalls } from './handler-calls.ts';
import { type MemberIdentity, NO_MEMBER } from './identity.ts';
import type { AssignmentHandler, Membership } from './membership.ts';
import { type ChosenTopics, NO_TOPICS } from './topic-choice.ts';
import { TopicWatch, type TopicWatchOptions } from './topic-watch.ts';

export class AllPartitions implements Membership {
  readonly identity: MemberIdentity = NO_MEMBER;
  readonly #cluster: Cluster;
  readonly #handler: AssignmentHandler;
  readonly #watch: TopicWatch;
  readonly #calls: HandlerCalls;
  readonly #closing = new AbortController();
  #time: ClosingTime | null = null;
  #owned: ChosenTopics | null = null;
  #running: Promise<void> | null = null;

  constructor(
    cluster: Cluster,
    { topics, onMissing }: Pick<TopicWatchOptions, 'topics' | 'onMissing'>,
    handler: AssignmentHandler,
  ) {
    this.#cluster = cluster;
    this.#handler = handler;
    this.#calls = new HandlerCalls({
      rebalanceTimeoutMs: Infinity,
      logger: cluster.options.logger,
      time: () => this.#time,
      ending: () => null,
    });
    this.#watch = new TopicWatch(cluster, {
      topics,
      onMissing,
      isLenient: false,
      missingPollMs: MISSING_POLL_MS,
      onDenied: (error) => handler.onTopicError(error),
      onChange: nothing,
    });
  }

  get topics(): ChosenTopics | null {
    return this.#watch.found;
  }

  get obstacle(): Error | null {
    return this.#watch.obstacle;
  }

  /** Nobody else can have them. */
  get certainUntil(): number {
    return Infinity;
  }

  expelled(): void {
    // nobody else has a say
  }

  start(): void {
    if (this.#time === null) this.#running ??= this.#run();
  }

  async close(deadline: Deadline): Promise<void> {
    if (this.#time === null) {
      this.#time = new ClosingTime(deadline);
      this.#closing.abort(this.#time.reason);
      this.#calls.hasten();
    }
    const late = (): Error => new TimeoutError('closing the consumer', 0);
    await waitFor(this.#running ?? Promise.resolve(), { timeoutMs: deadline.remainingMs }, late).catch(nothing);
    this.#watch.close(new ClosedError('the consumer'));
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    try {
      await this.#follow();
    } catch (error) {
      if (this.#time === null) this.#handler.onFatal(asError(error));
    }
    const owned = this.#owned;
    this.#watch.close(new ClosedError('the consumer'));
    if (owned === null) return;
    await this.#calls
      .ask('revoked', (enough) => this.#handler.revoked(partitionsOf(owned), enough, () => false))
      .catch((error: unknown) =>
        this.#cluster.options.logger.warn('the consumer failed when its partitions were revoked', { error }),
      );
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    const isNew = (where: TopicPartition): boolean => this.#watch.isNew(where);
    for (let found = await this.#watch.look(signal); ; ) {
      const { gone, added } = differences(this.#owned ?? NO_TOPICS, found);
      if (gone.length > 0) await this.#calls.ask('lost', (enough) => this.#handler.lost(gone, enough));
      if (this.#owned === null || added.length > 0) {
        this.#owned = found;
        await this.#calls.ask('assigned', (enough) => this.#handler.assigned(added, enough, isNew));
      }
      this.#owned = found;
      signal.throwIfAborted();
      await this.#watch.until((now) => now !== found, signal);
      found = this.#watch.found ?? found;
    }
  }
}

/** Between two looks for topics that are missing. */
const MISSING_POLL_MS = 1_000;

/** A topic that was made anew is kept: each partition finds its new beginning, and says so or asks (`onOutOfRange`). */
function differences(before: ChosenTopics, after: ChosenTopics): { gone: TopicPartition[]; added: TopicPartition[] } {
  const kept = (topic: string, of: ChosenTopics): number => of.counts.get(topic) ?? 0;
  return {
    gone: [...before.counts].flatMap(([topic, count]) => range(topic, kept(topic, after), count)),
    added: [...after.counts].flatMap(([topic, count]) => range(topic, kept(topic, before), count)),
  };
}

function partitionsOf({ counts }: ChosenTopics): TopicPartition[] {
  return [...counts].flatMap(([topic, count]) => range(topic, 0, count));
}

function range(topic: string, from: number, to: number): TopicPartition[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => ({ topic, partition: from + i }));
}

function nothing(): void {
  // only the end counts
}
