// A broker may answer at once, again and again, without anything that brings us on: it answers for partitions that were
// not asked for, or says of every offset that the log parted there. Then it is asked again after a pause only.
import type { Asked, Plan } from './fetch-plan.ts';

/** A first answer, a redirection and a new position bring nothing yet, and are no fault. */
const FREE = 3;
const FIRST_PAUSE_MS = 10;
/** So short that a broker which cannot hold a poll back (some that are like Kafka) still gives records soon. */
const LONGEST_PAUSE_MS = 100;

/** Of the fetches from one broker. */
export class FetchPace {
  #barren = 0;

  /**
   * @param tookMs until the answer to this came
   * @returns how long to wait before the next request
   */
  answered({ asked, maxWaitMs }: Plan, tookMs: number): number {
    if (tookMs * 2 >= maxWaitMs || asked.some(isFruitful)) this.#barren = 0;
    else this.#barren++;
    const beyond = this.#barren - FREE;
    return beyond <= 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(beyond - 1, 10));
  }
}

/** Is more known of the log than before? */
function isFruitful({ partition: { place }, wanted }: Asked): boolean {
  return place.name === 'placed' && place.fetchOffset > wanted.fetchOffset;
}
