// What a caller says is done: a record, or a batch.
import type { TopicPartition } from '../types.ts';
import { given } from '../util/check-options.ts';

interface Done extends TopicPartition {
  readonly offset: bigint;
  readonly nextOffset?: unknown;
}

/**
 * Its offsets; a record of others' making has no `nextOffset`.
 *
 * @throws {TypeError} for what is neither
 */
export function doneOf(what: unknown): TopicPartition & { offset: bigint; nextOffset: bigint } {
  if (!isDone(what)) throw new TypeError(`markDone takes a record or a batch, not ${given(what)}`);
  const { topic, partition, offset, nextOffset } = what;
  return { topic, partition, offset, nextOffset: typeof nextOffset === 'bigint' ? nextOffset : offset + 1n };
}

function isDone(what: unknown): what is Done {
  if (typeof what !== 'object' || what === null) return false;
  return 'offset' in what && typeof what.offset === 'bigint' && 'topic' in what && 'partition' in what;
}
