// Without a group: every partition of the chosen topics is ours, also those that appear later.
import type { Cluster } from '../cluster/cluster.ts';
import { asError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import { type MemberIdentity, NO_MEMBER } from './committer.ts';
import type { AssignmentHandler, Membership } from './membership.ts';
import type { ChosenTopics, TopicChoice } from './topic-choice.ts';
import { lookAtTopics, topicsChanged } from './topic-watch.ts';

export class AllPartitions implements Membership {
  readonly #cluster: Cluster;
  readonly #choice: TopicChoice;
  readonly #handler: AssignmentHandler;
  readonly #closing = new AbortController();
  readonly identity: MemberIdentity = NO_MEMBER;
  topics: ChosenTopics | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, choice: TopicChoice, handler: AssignmentHandler) {
    this.#cluster = cluster;
    this.#choice = choice;
    this.#handler = handler;
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#handler.onFatal(asError(error));
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let topics = await lookAtTopics(this.#cluster, this.#choice, signal);
    for (;;) {
      this.topics = topics;
      // `assigned` keeps the position of what was ours before.
      await this.#handler.assigned(partitionsOf(topics));
      topics = await topicsChanged(this.#cluster, this.#choice, topics, signal);
    }
  }
}

function partitionsOf({ counts }: ChosenTopics): TopicPartition[] {
  return [...counts].flatMap(([topic, count]) =>
    Array.from({ length: count }, (_, partition) => ({ topic, partition })),
  );
}
