// The list of topics with partitions that subscription and assignment share. These bytes are never compact: they are
// opaque to the coordinator and keep the classic dialect inside flexible messages.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

/** Partitions of one topic. */
export interface ConsumerTopicPartitions {
  topic: string;
  partitions: number[];
}

export function encodeTopicPartitions(w: Writer, topics: readonly ConsumerTopicPartitions[]): void {
  w.array(topics, ({ topic, partitions }) => {
    w.string(topic);
    w.array(partitions, (partition) => w.int32(partition));
  });
}

export function decodeTopicPartitions(r: Reader): ConsumerTopicPartitions[] {
  return r.array(() => ({ topic: r.string(), partitions: r.array(() => r.int32()) }));
}

/** Versions are only appended to: a reader takes what it knows of a newer one. */
export function decodeVersion(r: Reader, newestKnown: number): number {
  const version = r.int16();
  if (version < 0) throw r.error(`version ${version}`);
  return Math.min(version, newestKnown);
}
