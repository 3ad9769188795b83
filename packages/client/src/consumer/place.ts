// Where a partition is read from, and where it was before a seek that is still looked up.
import type { StartAt } from '../options.ts';
import type { PartitionStart } from '../types.ts';
import type { Epochs } from './epochs.ts';
import type { Progress } from './progress.ts';

/** A position that reading had before. Without the epoch nobody would see that the log was cut below it (KIP-320). */
export interface Kept {
  readonly offset: bigint;
  /** Of the record before it; -1: not known. */
  readonly leaderEpoch: number;
}

/** Everything a position can be looked up from. `inRange`: the position it had, if the log still has it. */
export type Start = PartitionStart['offset'] | StartAt | 'nearest' | Kept | { readonly inRange: Kept };

/** Where the next fetch goes to. */
export type Place =
  /** The offset must be looked up first. `from`: where it was; `why`: what a `reset` event says, null: no event. */
  | { name: 'unplaced'; start: Start; from: bigint | null; why: string | null }
  | { name: 'placed'; fetchOffset: bigint; fetchEpoch: number }
  | { name: 'removed' };

/** A position, and the account that belongs to it. */
export interface Whereabouts {
  readonly place: Place;
  readonly progress: Progress | null;
  readonly epochs: Epochs;
  committedOffset: bigint | null;
  doneWhenCommitted: bigint | null;
  readonly placedBy: Start | null;
}

/** A seek whose place has to be looked up. */
export class Sought {
  readonly place: Place;
  /** Where reading was before all seeks that are still looked up. */
  readonly before: Whereabouts;
  readonly #earlier: Sought | null;
  isGivenUp = false;

  constructor(place: Place, before: Whereabouts, earlier: Sought | null) {
    this.place = place;
    this.before = before;
    this.#earlier = earlier;
  }

  /** Its caller does not want it any more. @returns the one before it that is still wanted */
  giveUp(): Sought | null {
    this.isGivenUp = true;
    let earlier = this.#earlier;
    while (earlier?.isGivenUp) earlier = earlier.#earlier;
    return earlier;
  }
}
