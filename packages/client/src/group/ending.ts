// Why a generation ends. The reasons may come at any moment; the gravest counts.

/**
 * `rebalance`: the partitions are given back in order, and we join again; `fatal`: the consumer is finished; `overdue`: the
 * group goes on without us until the body has ended; `lost`: others may have the partitions.
 */
export type EndingKind = 'rebalance' | 'fatal' | 'overdue' | 'lost';

export interface Ending {
  readonly kind: EndingKind;
  /** For people: the group's log, events. */
  readonly reason: string;
  /** What happened, if it was an error. */
  readonly error: Error | null;
  /** Of the clock, when the group may have begun to wait for us, by the earliest of the reasons. */
  readonly at: number;
}

const GRAVITY: Readonly<Record<EndingKind, number>> = { rebalance: 1, fatal: 2, overdue: 3, lost: 4 };

export function isGraver(kind: EndingKind, than: Ending | null): boolean {
  return than === null || GRAVITY[kind] > GRAVITY[than.kind];
}

/** Nothing can be done in order any more. */
export function isOver({ kind }: Ending): boolean {
  return kind === 'lost' || kind === 'overdue';
}
