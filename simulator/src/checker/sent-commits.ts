// Commits in the order in which clients sent them. A node that is frozen or slow may store one much later, of a connection that
// its client has given up long ago, and after what that committed on another one.
import { decodeRequestFrame, isRequestOf, OffsetCommit } from '@hopwire/protocol';
import type { StoredCommit } from '@hopwire/test-broker/src/embedded/stored.ts';

/** Of one group and partition. */
const MOST_KEPT = 500;
const SMALLEST_FRAME = 12;

export interface SentCommit {
  readonly offset: bigint;
  /** Grows with each. */
  readonly order: number;
  /** Of the topic that there was then. */
  readonly topicId: string | undefined;
}

export interface TopicNames {
  /** Of the topic that has the name now. */
  idOf(topic: string, partition: number): string | undefined;
  nameOf(topicId: string): string | undefined;
}

export class SentCommits {
  readonly #names: TopicNames;
  readonly #sent = new Map<string, SentCommit[]>();
  #next = 1;

  constructor(names: TopicNames) {
    this.#names = names;
  }

  /** What a client writes to a connection: whole requests. */
  look(bytes: Buffer): void {
    for (let at = 0; at + SMALLEST_FRAME <= bytes.length; at += 4 + bytes.readUInt32BE(at)) {
      if (bytes.readInt16BE(at + 4) === OffsetCommit.key)
        this.#note(bytes.subarray(at, at + 4 + bytes.readUInt32BE(at)));
    }
  }

  /** @param topicId if the request has it */
  sent(commit: StoredCommit, topicId: string | undefined = this.#names.idOf(commit.topic, commit.partition)): void {
    const { offset } = commit;
    const all = this.#sent.get(keyOf(commit)) ?? [];
    this.#sent.set(keyOf(commit), all);
    all.push({ offset, order: this.#next++, topicId });
    if (all.length > MOST_KEPT) all.shift();
  }

  /** The one that is stored now, once. */
  take(commit: StoredCommit): SentCommit | undefined {
    const all = this.#sent.get(keyOf(commit)) ?? [];
    const at = all.findIndex(({ offset }) => offset === commit.offset);
    return at < 0 ? undefined : all.splice(at, 1)[0];
  }

  #note(frame: Buffer): void {
    const request = decodeRequestFrame(frame);
    if (!isRequestOf(OffsetCommit, request)) return;
    const { groupId, topics } = request.body;
    for (const { name, topicId, partitions } of topics) {
      const topic = name || this.#names.nameOf(topicId);
      for (const { partitionIndex: partition, committedOffset: offset } of partitions) {
        if (topic !== undefined) this.sent({ groupId, topic, partition, offset }, name === '' ? topicId : undefined);
      }
    }
  }
}

function keyOf({ groupId, topic, partition }: StoredCommit): string {
  return `${groupId} ${topic}/${partition}`;
}
