// What is said in the log of addresses that cannot be reached: of one address the same, whichever brokers are said to be there.
import type { Logger } from '../events.ts';
import { Complaint } from '../util/complaint.ts';

/** Brokers may advertise any number of addresses: the oldest is forgotten. */
const MOST = 1_000;

export class Complaints {
  readonly #logger: Logger;
  readonly #known = new Map<string, Complaint>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @param address `host:port` */
  of(address: string): Complaint {
    const known = this.#known.get(address);
    if (known) return known;
    const complaint = new Complaint(this.#logger, `no connection to ${address}`);
    this.#known.set(address, complaint);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST && oldest !== undefined) this.#known.delete(oldest);
    return complaint;
  }
}
