// A walk over records that are there as objects.
import type { Header, RecordView, RecordWalk } from './record.ts';

const BEFORE_THE_FIRST: RecordView = { offset: -1n, timestampMs: -1, key: null, value: null, headers: [] };

export class IteratedWalk implements RecordWalk {
  readonly #records: Iterator<RecordView>;
  #current: RecordView = BEFORE_THE_FIRST;

  constructor(records: Iterator<RecordView>) {
    this.#records = records;
  }

  advance(): boolean {
    const { done, value } = this.#records.next();
    this.#current = done ? BEFORE_THE_FIRST : value;
    return !done;
  }

  get offset(): bigint {
    return this.#current.offset;
  }

  get timestampMs(): number {
    return this.#current.timestampMs;
  }

  get key(): Buffer | null {
    return this.#current.key;
  }

  get value(): Buffer | null {
    return this.#current.value;
  }

  get headers(): readonly Header[] {
    return this.#current.headers;
  }
}
