// Where the log of a partition ends, as a broker said it last.

export interface LogEnd {
  /** Every replica has what is before it; -1: not known. */
  readonly highWatermark: bigint;
  /** No transaction is open before it; -1: not known. */
  readonly lastStableOffset: bigint;
}

export const UNKNOWN_END: LogEnd = { highWatermark: -1n, lastStableOffset: -1n };

/** Nothing else of an answer, which may hold many bytes. */
export function logEndOf({ highWatermark, lastStableOffset }: LogEnd): LogEnd {
  return { highWatermark, lastStableOffset };
}

/** Nothing is written behind it, and no transaction is open. */
export function endsAt(offset: bigint): LogEnd {
  return { highWatermark: offset, lastStableOffset: offset };
}
