// Says in the log why nothing has come for a while: a reader that waits in silence cannot be told from one that is stuck.
import type { Logger } from '../events.ts';
import { Complaint } from './complaint.ts';

/** So long something may fail before it is said. */
const PATIENCE_MS = 10_000;

export class Silence {
  readonly #complaint: Complaint;
  #last: Error | null = null;

  /** @param who begins each line: `a consumer`, `group orders` */
  constructor(logger: Logger, who: string) {
    this.#complaint = new Complaint(logger, `${who} cannot read something, and goes on trying`, PATIENCE_MS);
  }

  /** What failed last; null: all went well. */
  get obstacle(): Error | null {
    return this.#last;
  }

  /** @param obstacle what keeps records from being read now; null: nothing */
  note(obstacle: Error | null): void {
    this.#last = obstacle;
    if (obstacle === null) this.#complaint.worked();
    else this.#complaint.failed(obstacle);
  }
}
