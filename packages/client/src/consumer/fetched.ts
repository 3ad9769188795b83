// What a Fetch answer brought, and what keeps its bytes in memory.
//
// The shares of an answer are views of one buffer: a small share that nobody reads would keep all of it. So each share
// counts what it holds itself, and once most of an answer has been read, what is left of it gets bytes of its own.
import { batchesOf, type RecordsView } from '@hopwire/protocol';
import type { EpochSpan } from './epochs.ts';

/** Of an answer of which less than one part in so many is still to be read, the rest is copied. */
const COPIED_BELOW = 3;

/** A partition's share of one answer: checked, filtered, still compressed. */
export interface FetchedData {
  readonly views: readonly RecordsView[];
  /** First offset that was asked for: records below it are dropped. */
  readonly fetchOffset: bigint;
  /** Where the next fetch goes on; what lies between was control records or compacted away. */
  readonly nextOffset: bigint;
  readonly nextEpoch: number;
  /** The leader epochs from `fetchOffset` to `nextOffset`. */
  readonly epochs: readonly EpochSpan[];
  readonly bytes: number;
  /** Where the bytes lie: within an answer, or (null) on their own. */
  readonly origin: Origin | null;
}

export interface Origin {
  readonly answer: Answer;
  /** All bytes of the partition in the answer, and which of the batches in them `views` are. */
  readonly records: Buffer;
  readonly kept: readonly number[];
}

/** One answer, as long as anything of it is to be read. */
export class Answer {
  readonly #bytes: number;
  #unread = 0;

  /** @param bytes of the whole answer */
  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  get isMostlyRead(): boolean {
    return this.#unread * COPIED_BELOW < this.#bytes;
  }

  add(bytes: number): void {
    this.#unread += bytes;
  }

  release(bytes: number): void {
    this.#unread -= bytes;
  }
}

/** The same share with its own copy of the bytes. */
export function onItsOwn(data: FetchedData): FetchedData {
  if (data.origin === null) return data;
  const { answer, records, kept } = data.origin;
  answer.release(data.bytes);
  const all = [...wholeBatches(Buffer.from(records))];
  const views = kept.flatMap((index) => all[index] ?? []);
  return { ...data, views, origin: null };
}

/** What was corrupt behind the good batches is not looked at again. */
function* wholeBatches(records: Buffer): Iterable<RecordsView> {
  try {
    yield* batchesOf(records);
  } catch {
    // `readPartition` has ended before this place too, and the next fetch begins with it.
  }
}
