// While a partition has no leader that answers for it, metadata is asked for again, with back-off; the others are fetched
// meanwhile. A topic that the cluster does not know is looked for now and then only: it may be gone for good.
import { Errors } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, brokerError, isRetriable } from '../errors.ts';
import { GONE_MS } from '../group/topic-judge.ts';
import { Backoff } from '../util/backoff.ts';
import { clock } from '../util/clock.ts';
import { sleep } from '../util/timers.ts';
import type { Assignment } from './assignment.ts';
import type { Partition } from './partition.ts';

/** A leader is being elected: it may be there any moment. */
const LEADER_MAX_MS = 500;
/** The topic or partition is not known: it was deleted, or is about to be made. */
const TOPIC_MAX_MS = 5_000;

export interface LeaderWatchContext {
  readonly cluster: Cluster;
  readonly assignment: Assignment;
  readonly signal: AbortSignal;
  isRunning(): boolean;
  needsLeader(partition: Partition): boolean;
  /** Metadata is new: whoever waited may be fetched again. */
  wake(): void;
  onMissing(partition: Partition, error: Error): void;
  onObstacle(error: Error): void;
  onFatal(error: Error): void;
}

export class LeaderWatch {
  readonly #context: LeaderWatchContext;
  #running: Promise<void> | null = null;

  constructor(context: LeaderWatchContext) {
    this.#context = context;
  }

  /** A partition may have lost its leader. */
  look(): void {
    if (this.#running !== null || !this.#context.isRunning() || this.#waiting().length === 0) return;
    this.#running = this.#run()
      .catch((error: unknown) => {
        if (!this.#context.signal.aborted) this.#context.onFatal(asError(error));
      })
      .finally(() => {
        this.#running = null;
        this.look();
      });
  }

  /** Asks for metadata now. What may pass is no failure. */
  async refresh(): Promise<void> {
    const { cluster, signal } = this.#context;
    try {
      await cluster.refreshMetadata({ signal });
    } catch (error) {
      if (signal.aborted) return;
      if (!isRetriable(error)) throw error;
      this.#context.onObstacle(asError(error));
    }
  }

  /** Until nothing is under way; abort the context's signal first. */
  async ended(): Promise<void> {
    await this.#running;
  }

  #waiting(): Partition[] {
    return [...this.#context.assignment].filter((partition) => this.#context.needsLeader(partition));
  }

  async #run(): Promise<void> {
    const { signal, cluster } = this.#context;
    const initialMs = cluster.options.retryBackoffMs;
    const quick = new Backoff({ initialMs, maxMs: LEADER_MAX_MS });
    const slow = new Backoff({ initialMs, maxMs: TOPIC_MAX_MS });
    while (this.#context.isRunning()) {
      const waiting = this.#waiting();
      if (waiting.length === 0) return;
      const backoff = waiting.every((partition) => this.#isAbsent(partition)) ? slow : quick;
      await sleep(backoff.delay(attemptsOf(waiting)), signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.refresh();
      this.#refreshed(waiting);
    }
  }

  #refreshed(waiting: readonly Partition[]): void {
    for (const partition of waiting) {
      if (!partition.isTroubled) partition.troubles++;
      partition.unknownSince = this.#isUnknown(partition) ? (partition.unknownSince ?? clock.now()) : null;
      // All answers have said so for longer than a broker can be behind.
      if (partition.unknownSince !== null && clock.now() - partition.unknownSince >= GONE_MS)
        this.#tellMissing(partition);
    }
    for (const partition of this.#context.assignment) partition.isTroubled = false;
    this.#context.wake();
  }

  #isUnknown({ topic }: Partition): boolean {
    const code = this.#context.cluster.snapshot.topics.get(topic)?.errorCode;
    return code === Errors.UNKNOWN_TOPIC_OR_PARTITION;
  }

  /** Like this, or a number that its topic does not have (yet): perhaps the group's leader knows more. */
  #isAbsent(partition: Partition): boolean {
    const known = this.#context.cluster.snapshot.topics.get(partition.topic);
    return this.#isUnknown(partition) || (known?.errorCode === 0 && !known.partitions.has(partition.partition));
  }

  #tellMissing(partition: Partition): void {
    const place = { topic: partition.topic, partition: partition.partition };
    this.#context.onMissing(partition, brokerError(Errors.UNKNOWN_TOPIC_OR_PARTITION, 'Metadata', place));
  }
}

/** Whoever got into trouble last decides how soon to look again. */
function attemptsOf(waiting: readonly Partition[]): number {
  return Math.max(
    1,
    waiting.reduce((least, { troubles }) => Math.min(least, troubles), Infinity),
  );
}
