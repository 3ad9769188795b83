/*
 * One generation of a member: from the answer to SyncGroup until the member joins again or is out. Heartbeats go on all
 * the time. The reasons to end it may come at any moment; the gravest counts.
 *
 *   stays --rebalance heard, topics changed--> to be given back --the body or a hook takes too long--> overdue
 *     |                                          |
 *     '---- body too long: overdue --------------+---- unknown member, old generation, session over --> lost
 */
import type { TopicPartition } from '../types.ts';
import { clock } from '../util/clock.ts';
import type { Coordinator } from './coordinator.ts';
import { type Ending, type EndingKind, isGraver } from './ending.ts';
import { type HeartbeatOptions, Heartbeats } from './heartbeats.ts';
import type { MemberIdentity } from './identity.ts';
import type { AssignmentHandler } from './membership.ts';
import { OverdueWatch } from './overdue-watch.ts';
import { type ChosenTopics, changedNames, changedTopics } from './topic-choice.ts';

export interface GenerationOptions extends HeartbeatOptions {
  readonly handler: Pick<AssignmentHandler, 'inBody' | 'doubted' | 'proven'>;
  /** The ending has become another one. */
  onEnding(ending: Ending): void;
}

export class Generation {
  readonly claim: MemberIdentity;
  readonly partitions: readonly TopicPartition[];
  /** What was joined with. */
  readonly topics: ChosenTopics;
  /** What was assigned beside it; null: we do not lead. */
  readonly foreign: ChosenTopics | null;
  readonly #onEnding: (ending: Ending) => void;
  readonly #heartbeats: Heartbeats;
  readonly #overdue: OverdueWatch;
  #ending: Ending | null = null;

  constructor(
    coordinator: Coordinator,
    about: Pick<Generation, 'claim' | 'partitions' | 'topics' | 'foreign'> & { readonly askedAt: number },
    options: GenerationOptions,
  ) {
    this.claim = about.claim;
    this.partitions = about.partitions;
    this.topics = about.topics;
    this.foreign = about.foreign;
    this.#onEnding = options.onEnding;
    this.#heartbeats = new Heartbeats(coordinator, about.claim, about.askedAt, options, {
      onDoubt: () => options.handler.doubted(),
      onProven: () => options.handler.proven(),
      onRebalance: (since) => this.end('rebalance', 'the group rebalances', null, since),
      onLost: (error) => this.end('lost', error.message, error),
    });
    this.#overdue = new OverdueWatch(options.handler, options.rebalanceTimeoutMs, () =>
      this.end('overdue', 'handling took longer than maxProcessingMs'),
    );
  }

  /** Of the clock: as far as the broker has said, the partitions are ours until then. */
  get certainUntil(): number {
    return this.#heartbeats.certainUntil;
  }

  /** null: it goes on. */
  get ending(): Ending | null {
    return this.#ending;
  }

  /** @param since of the clock, when it began; the earliest one counts, because others may wait for us since then */
  end(kind: EndingKind, reason: string, error: Error | null = null, since: number = clock.now()): void {
    const before = this.#ending;
    const at = Math.min(before?.at ?? Infinity, since);
    if (isGraver(kind, before)) this.#ending = { kind, reason, error, at };
    else if (before !== null && at < before.at) this.#ending = { ...before, at };
    if (this.#ending !== null && this.#ending !== before) this.#onEnding(this.#ending);
  }

  /** The leader assigns anew when anything of the group's topics changes; the others join again with other names. */
  compare(found: ChosenTopics, foreignFound: ChosenTopics): void {
    const { topics, foreign } = this;
    const changed = foreign === null ? changedNames(topics, found) : changedTopics(topics, found);
    if (foreign !== null) changed.push(...changedTopics(foreign, foreignFound));
    if (changed.length > 0) this.end('rebalance', `topics changed: ${changed.join(', ')}`);
  }

  /** Is that what its requests say of us? */
  isOf({ memberId, generationId }: MemberIdentity): boolean {
    return this.claim.memberId === memberId && this.claim.generationId === generationId;
  }

  /** No heartbeat is sent any more, nothing is watched. */
  stop(): void {
    this.#heartbeats.stop();
    this.#overdue.stop();
  }
}
