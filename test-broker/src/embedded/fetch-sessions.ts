// Fetch sessions of one node (KIP-227): which partitions a client reads, so that it names only what changed.
import { Errors, type FetchRequest } from '@hopwire/protocol';

const MOST_SESSIONS = 1000;
const LAST_EPOCH = 0x7fffffff;
const FINAL_EPOCH = -1;

/** One partition of a fetch; `sent*` is what the client saw last of it. */
export interface FetchedPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  fetchOffset: bigint;
  maxBytes: number;
  currentLeaderEpoch: number;
  lastFetchedEpoch: number;
  sentHighWatermark: bigint;
  sentLogStart: bigint;
}

/** What a request is to read, and how its answer is to be cut. */
export interface FetchPlan {
  readonly sessionId: number;
  readonly partitions: readonly FetchedPartition[];
  /** Answer only what has data, an error or other watermarks. */
  readonly isIncremental: boolean;
  /** Called with the partitions that were answered. */
  readonly answered: (keys: readonly FetchedPartition[]) => void;
}

interface Session {
  readonly id: number;
  epoch: number;
  readonly usesIds: boolean;
  readonly partitions: Map<string, FetchedPartition>;
}

const NOTHING = (): void => {};

/** The sessions of a node; the oldest one goes when there are too many. */
export class FetchSessions {
  readonly #sessions = new Map<number, Session>();
  #nextId = 1;

  /** @param usesIds the request names topics by id (version 13 and up) */
  plan(request: FetchRequest, usesIds: boolean): FetchPlan | { readonly errorCode: number } {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch === FINAL_EPOCH) {
      this.#sessions.delete(sessionId);
      return { sessionId: 0, partitions: partitionsOf(request), isIncremental: false, answered: NOTHING };
    }
    if (sessionEpoch === 0) {
      this.#sessions.delete(sessionId);
      return this.#opened(request, usesIds);
    }
    return this.#continued(request, usesIds);
  }

  clear(): void {
    this.#sessions.clear();
  }

  #opened(request: FetchRequest, usesIds: boolean): FetchPlan {
    const oldest = this.#sessions.keys().next();
    if (this.#sessions.size >= MOST_SESSIONS && !oldest.done) this.#sessions.delete(oldest.value);
    const partitions = new Map(partitionsOf(request).map((partition) => [keyOf(partition), partition]));
    const session: Session = { id: this.#nextId++, epoch: 1, usesIds, partitions };
    this.#sessions.set(session.id, session);
    return { sessionId: session.id, partitions: [...partitions.values()], isIncremental: false, answered: NOTHING };
  }

  #continued(request: FetchRequest, usesIds: boolean): FetchPlan | { readonly errorCode: number } {
    const session = this.#sessions.get(request.sessionId);
    if (!session) return { errorCode: Errors.FETCH_SESSION_ID_NOT_FOUND };
    if (session.usesIds !== usesIds) return { errorCode: Errors.FETCH_SESSION_TOPIC_ID_ERROR };
    if (request.sessionEpoch !== session.epoch) return { errorCode: Errors.INVALID_FETCH_SESSION_EPOCH };
    session.epoch = session.epoch === LAST_EPOCH ? 1 : session.epoch + 1;
    for (const partition of partitionsOf(request)) update(session, partition);
    for (const topic of request.forgottenTopicsData) {
      for (const partition of topic.partitions) session.partitions.delete(keyOf({ ...topic, partition }));
    }
    const answered = (partitions: readonly FetchedPartition[]): void => moveToEnd(session, partitions);
    return { sessionId: session.id, partitions: [...session.partitions.values()], isIncremental: true, answered };
  }
}

function update(session: Session, partition: FetchedPartition): void {
  const known = session.partitions.get(keyOf(partition));
  if (known) {
    partition.sentHighWatermark = known.sentHighWatermark;
    partition.sentLogStart = known.sentLogStart;
  }
  session.partitions.set(keyOf(partition), partition);
}

/** Answered partitions wait behind the others, so that all get their turn under a byte limit. */
function moveToEnd(session: Session, partitions: readonly FetchedPartition[]): void {
  for (const partition of partitions) {
    if (session.partitions.delete(keyOf(partition))) session.partitions.set(keyOf(partition), partition);
  }
}

function keyOf(partition: { topic: string; topicId: string; partition: number }): string {
  return `${partition.topic}/${partition.topicId}/${partition.partition}`;
}

function partitionsOf(request: FetchRequest): FetchedPartition[] {
  return request.topics.flatMap((topic) =>
    topic.partitions.map((partition) => ({
      topic: topic.topic,
      topicId: topic.topicId,
      partition: partition.partition,
      fetchOffset: partition.fetchOffset,
      maxBytes: partition.partitionMaxBytes,
      currentLeaderEpoch: partition.currentLeaderEpoch,
      lastFetchedEpoch: partition.lastFetchedEpoch,
      sentHighWatermark: -1n,
      sentLogStart: -1n,
    })),
  );
}
