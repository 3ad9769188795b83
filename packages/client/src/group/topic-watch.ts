// Keeps in sight what there is of the chosen topics: by each snapshot of the cluster, whoever asked for it, and by looks
// of its own: at the age of metadata (patterns, rights), each second while a topic seems gone, and with back-off for what is
// missing. Nobody who waits can miss a change: what was found stands here, and is compared before waiting.
import { Errors } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import type { MetadataSnapshot } from '../cluster/metadata.ts';
import { asError, brokerError, isRetriable } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import { onAbort } from '../util/abort.ts';
import { Backoff } from '../util/backoff.ts';
import { clock, type Timer } from '../util/clock.ts';
import { Silence } from '../util/silence.ts';
import { after } from '../util/timers.ts';
import type { AssignmentHandler } from './membership.ts';
import { type ChosenTopics, NO_TOPICS, TopicChoice } from './topic-choice.ts';
import { TopicJudge, type TopicPolicy } from './topic-judge.ts';

/** Between two attempts of a look that failed. */
const LONGEST_RETRY_MS = 1_000;
/** Between two looks for topics that a member misses. */
const MISSING_POLL_MS = 1_000;
/** For more than these the pause grows with their number, as the work of a look does: other members may name any topics. */
const FEW_MISSING = 1_000;
const NONE: ReadonlySet<string> = new Set();

/** What it needs of the cluster. */
export type TopicSource = Pick<
  Cluster,
  'snapshot' | 'onSnapshot' | 'metadataFor' | 'freshMetadata' | 'allTopics' | 'options'
>;

export interface TopicWatchOptions extends TopicPolicy {
  readonly topics: readonly (string | RegExp)[];
  /** The longest pause between two looks for what is missing. */
  readonly missingPollMs: number;
  /** What was found is other than before, or `failure` has been set. Not called for the first look. */
  onChange(): void;
}

export class TopicWatch {
  readonly #source: TopicSource;
  readonly #options: TopicWatchOptions;
  readonly #choice: TopicChoice;
  readonly #judge: TopicJudge;
  readonly #closing = new AbortController();
  readonly #waiters = new Set<() => void>();
  readonly #unlisten: () => void;
  readonly #retries: Backoff;
  readonly #polls: Backoff;
  /** About topics that are missing. */
  readonly #silence: Silence;
  #failure: Error | null = null;
  #lookedAt = -Infinity;
  #failures = 0;
  /** Looks for what is missing since that last changed. */
  #polled = 0;
  #isLooking = false;
  #timer: Timer | null = null;

  constructor(source: TopicSource, options: TopicWatchOptions) {
    this.#source = source;
    this.#options = options;
    this.#choice = new TopicChoice(options.topics);
    this.#judge = new TopicJudge(this.#choice, options);
    this.#silence = new Silence(source.options.logger);
    const { retryBackoffMs: initialMs } = source.options;
    this.#retries = new Backoff({ initialMs, maxMs: LONGEST_RETRY_MS });
    this.#polls = new Backoff({ initialMs, maxMs: options.missingPollMs });
    this.#unlisten = source.onSnapshot((snapshot) => {
      if (this.#judge.found !== null) this.#take(snapshot, NONE);
    });
  }

  /** null: nothing yet. The same object as long as nothing changes. */
  get found(): ChosenTopics | null {
    return this.#judge.found;
  }

  /** It will not look any more. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** What is waited for; null: nothing is missing. */
  get obstacle(): Error | null {
    const [topic] = this.found?.missing ?? [];
    return topic === undefined ? null : brokerError(Errors.UNKNOWN_TOPIC_OR_PARTITION, 'Metadata', { topic });
  }

  /** Not there when this member first looked? */
  isNew(where: TopicPartition): boolean {
    return this.#judge.isNew(where);
  }

  /**
   * What was found; the first call looks. Retried as long as that can help, also while no broker can be reached.
   *
   * @throws when that cannot help, or a topic is refused
   */
  async look(signal: AbortSignal): Promise<ChosenTopics> {
    if (this.found === null) void this.#look();
    await this.until((found) => this.#options.onMissing === 'wait' || found.missing.length === 0, signal);
    return this.found ?? NO_TOPICS;
  }

  /** Resolves when what was found is so; at once if it is. @throws `failure`, or the reason of the signal */
  until(holds: (found: ChosenTopics) => boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (signal.aborted) end(() => reject(signal.reason));
        else if (this.#failure !== null) end(() => reject(this.#failure));
        else if (this.found !== null && holds(this.found)) end(resolve);
      };
      const end = (settle: () => void): void => {
        stop();
        this.#waiters.delete(check);
        settle();
      };
      const stop = onAbort(signal, check);
      this.#waiters.add(check);
      check();
    });
  }

  /** Leaves no timer, no listener and nobody waiting. */
  close(reason: Error): void {
    this.#closing.abort(reason);
    this.#unlisten();
    clock.clearTimer(this.#timer);
    this.#failure ??= reason;
    this.#wake();
  }

  #arm(): void {
    clock.clearTimer(this.#timer);
    if (this.#isLooking || this.#failure !== null) return;
    this.#timer = after(this.#nextLookMs(), () => void this.#look());
    this.#timer.unref();
  }

  #nextLookMs(): number {
    if (this.#failures > 0) return this.#retries.delay(this.#failures);
    const missing = this.found?.missing.length ?? 0;
    const rarity = Math.max(1, missing / FEW_MISSING);
    const poll = missing > 0 ? this.#polls.delay(Math.max(1, this.#polled)) * rarity : Infinity;
    const now = clock.now();
    const { metadataMaxAgeMs } = this.#source.options;
    return Math.max(0, Math.min(poll, this.#lookedAt + metadataMaxAgeMs - now, this.#judge.nextLookAt - now));
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    if (this.#isLooking || this.#failure !== null) return;
    this.#isLooking = true;
    try {
      await this.#lookAtAge();
      await this.#lookForUnsure();
      this.#failures = 0;
      if (!this.#options.isLenient) this.#silence.note(this.obstacle);
    } catch (error) {
      this.#lookFailed(asError(error));
    }
    this.#isLooking = false;
    this.#arm();
  }

  async #lookAtAge(): Promise<void> {
    const now = clock.now();
    if (this.found !== null && now < this.#lookedAt + this.#source.options.metadataMaxAgeMs) return;
    const { signal } = this.#closing;
    if (this.#choice.hasPatterns) await this.#source.allTopics({ signal });
    const names = [...this.#choice.candidates(this.#source.snapshot, this.found ?? NO_TOPICS)];
    if (names.length > 0) await this.#source.metadataFor(names, { signal });
    this.#lookedAt = now;
    this.#take(this.#source.snapshot, NONE);
  }

  async #lookForUnsure(): Promise<void> {
    const isFirst = this.#polled++ === 0;
    const unsure = new Set([...this.#judge.suspects, ...(this.found?.missing ?? [])]);
    if (isFirst || unsure.size === 0 || this.#failure !== null) return;
    const { signal } = this.#closing;
    this.#take(await this.#source.freshMetadata([...unsure], { signal }, true), unsure);
  }

  #lookFailed(error: Error): void {
    if (this.#failure !== null) return;
    this.#failures++;
    if (!isRetriable(error)) this.#fail(error);
  }

  #take(snapshot: MetadataSnapshot, asked: ReadonlySet<string>): void {
    if (this.#failure !== null) return;
    const before = this.found;
    try {
      this.#judge.judge(snapshot, asked);
    } catch (error) {
      return this.#fail(asError(error));
    }
    if (this.#judge.nextLookAt < Infinity) this.#arm();
    if (before !== this.found) this.#changed(before);
  }

  #changed(before: ChosenTopics | null): void {
    if (before !== null && before.missing.length !== this.found?.missing.length) this.#polled = 1;
    this.#wake();
    if (before !== null) this.#options.onChange();
  }

  #fail(error: Error): void {
    this.#failure = error;
    clock.clearTimer(this.#timer);
    this.#wake();
    this.#options.onChange();
  }

  #wake(): void {
    for (const check of [...this.#waiters]) check();
  }
}

/** What a member of a group watches: the topics that it reads itself. */
export function ownTopics(
  cluster: Cluster,
  { topics, onMissing }: Pick<TopicWatchOptions, 'topics' | 'onMissing'>,
  handler: Pick<AssignmentHandler, 'onTopicError'>,
  onChange: () => void,
): TopicWatch {
  const onDenied = (error: Error): void => handler.onTopicError(error);
  return new TopicWatch(cluster, {
    topics,
    onMissing,
    isLenient: false,
    missingPollMs: MISSING_POLL_MS,
    onDenied,
    onChange,
  });
}
