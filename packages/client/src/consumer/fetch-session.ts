/*
 * The fetch session with one broker (KIP-227): only what changed is said again.
 *
 *   none --(0, 0) answered with an id--> open --(id, n), n = 1, 2, ...--> open
 *     ^                                   |  session error, lost answer
 *     '-----------------------------------'
 */
import { type FetchRequest, ZERO_UUID } from '@hopwire/protocol';
import { type LogEnd, logEndOf } from './log-end.ts';

const LAST_EPOCH = 2147483647;
/** Fields of replicas: what Kafka's definitions have as default. */
const NO_DIRECTORY = ZERO_UUID;
const NO_HIGH_WATERMARK = 9223372036854775807n;

/** One partition of a fetch. */
export interface Wanted {
  /** `topic/partition` */
  readonly key: string;
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly fetchOffset: bigint;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
  readonly maxBytes: number;
}

type SessionFields = Pick<FetchRequest, 'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'>;

type State = { name: 'none' } | { name: 'open'; id: number; epoch: number };

export class FetchSession {
  #state: State = { name: 'none' };
  /** What the broker knows of the session, by topic and partition. */
  #told = new Map<string, Wanted>();
  /** What the broker said last of the ends of its logs: it says that again only when it has changed. */
  readonly #said = new Map<string, LogEnd>();
  /** A session is either all names or all topic ids. */
  #usesIds = false;

  get isOpen(): boolean {
    return this.#state.name === 'open';
  }

  /** The session's part of the next request. */
  next(wanted: readonly Wanted[], version: number): SessionFields {
    if (version < 7) return { sessionId: 0, sessionEpoch: -1, topics: byTopic(wanted), forgottenTopicsData: [] };
    const usesIds = version >= 13;
    if (usesIds !== this.#usesIds) this.reset();
    this.#usesIds = usesIds;
    return this.#state.name === 'none' ? this.#full(wanted) : this.#incremental(this.#state, wanted);
  }

  /** The answer came: the broker's session is at the next epoch. Id 0: it made none. */
  answered(sessionId: number): void {
    if (sessionId === 0) {
      this.reset();
      return;
    }
    const { epoch } = this.#state.name === 'open' ? this.#state : { epoch: 0 };
    this.#state = { name: 'open', id: sessionId, epoch: epoch === LAST_EPOCH ? 1 : epoch + 1 };
  }

  /** An answer says this of a partition, by its key; we may have no use for the rest of it any more. */
  said(key: string, end: LogEnd): void {
    this.#said.set(key, logEndOf(end));
  }

  /** undefined: nothing yet. */
  lastSaid(key: string): LogEnd | undefined {
    return this.#said.get(key);
  }

  /** A session error or a lost answer: the next request says everything again. */
  reset(): void {
    this.#state = { name: 'none' };
    this.#told.clear();
    this.#said.clear();
  }

  #full(wanted: readonly Wanted[]): SessionFields {
    this.#told = new Map(wanted.map((one) => [one.key, one]));
    return { sessionId: 0, sessionEpoch: 0, topics: byTopic(wanted), forgottenTopicsData: [] };
  }

  #incremental({ id, epoch }: { id: number; epoch: number }, wanted: readonly Wanted[]): SessionFields {
    const now = new Map(wanted.map((one) => [one.key, one]));
    const changed = wanted.filter((one) => isChanged(this.#told.get(one.key), one));
    const forgotten = [...this.#told]
      .filter(([key, told]) => now.get(key)?.topicId !== told.topicId)
      .map(([, told]) => told);
    for (const { key } of forgotten) this.#said.delete(key);
    this.#told = now;
    return {
      sessionId: id,
      sessionEpoch: epoch,
      topics: byTopic(changed),
      forgottenTopicsData: forgottenByTopic(forgotten),
    };
  }
}

function isChanged(told: Wanted | undefined, one: Wanted): boolean {
  return (
    told === undefined ||
    told.fetchOffset !== one.fetchOffset ||
    told.topicId !== one.topicId ||
    told.currentLeaderEpoch !== one.currentLeaderEpoch ||
    told.lastFetchedEpoch !== one.lastFetchedEpoch ||
    told.maxBytes !== one.maxBytes
  );
}

function byTopic(wanted: readonly Wanted[]): FetchRequest['topics'] {
  const topics = new Map<string, FetchRequest['topics'][number]>();
  for (const { topic, topicId, partition, fetchOffset, currentLeaderEpoch, lastFetchedEpoch, maxBytes } of wanted) {
    const entry = topics.get(topic) ?? { topic, topicId, partitions: [] };
    entry.partitions.push({
      partition,
      currentLeaderEpoch,
      fetchOffset,
      lastFetchedEpoch,
      logStartOffset: -1n,
      partitionMaxBytes: maxBytes,
      replicaDirectoryId: NO_DIRECTORY,
      highWatermark: NO_HIGH_WATERMARK,
    });
    topics.set(topic, entry);
  }
  return [...topics.values()];
}

function forgottenByTopic(forgotten: readonly Wanted[]): FetchRequest['forgottenTopicsData'] {
  const topics = new Map<string, FetchRequest['forgottenTopicsData'][number]>();
  for (const { topic, topicId, partition } of forgotten) {
    const entry = topics.get(topicId + topic) ?? { topic, topicId, partitions: [] };
    entry.partitions.push(partition);
    topics.set(topicId + topic, entry);
  }
  return [...topics.values()];
}
