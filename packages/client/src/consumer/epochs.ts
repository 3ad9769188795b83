// Which leader epochs the log had where a partition was read. With an offset that is committed goes the epoch of the record
// before it: a wrong one would look like a cut log to whoever goes on there, and without one nobody sees that the log was cut
// (KIP-320, https://cwiki.apache.org/confluence/x/jAbVBQ).

/** From this offset on, until the next span, records are of this epoch; -1: not known. */
export interface EpochSpan {
  readonly from: bigint;
  readonly epoch: number;
}

export class Epochs {
  /** In the order of their offsets, each of another epoch than the one before. */
  readonly #spans: EpochSpan[];

  /** @param epoch of all before what is fetched first */
  constructor(epoch: number) {
    this.#spans = [{ from: -1n, epoch }];
  }

  /** What was fetched takes the place of what was known of the same offsets. */
  add(spans: readonly EpochSpan[]): void {
    for (const span of spans) {
      while ((this.#spans.at(-1)?.from ?? -1n) >= span.from) this.#spans.pop();
      if (this.#spans.at(-1)?.epoch !== span.epoch) this.#spans.push(span);
    }
  }

  /** Of the last record before this offset. */
  before(offset: bigint): number {
    return this.#spans.findLast(({ from }) => from < offset)?.epoch ?? -1;
  }

  /** The log says that it has this one there. */
  correct(offset: bigint, epoch: number): void {
    const at = this.#spans.findLastIndex(({ from }) => from < offset);
    const span = this.#spans[at];
    if (span) this.#spans[at] = { from: span.from, epoch };
  }

  /** Nothing before this offset is asked about any more. */
  forget(offset: bigint): void {
    for (let next = this.#spans[1]; next !== undefined && next.from < offset; next = this.#spans[1])
      this.#spans.shift();
  }
}
