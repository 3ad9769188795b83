// A client that asks without pause is as broken as one that does not ask.
import type { Violate } from './violation.ts';

/** Requests of one API from one client to one node in a virtual second; small fetches and batches follow each other fast. */
const MOST_PER_SECOND = 300;
const MOST_DATA_PER_SECOND = 3_000;
const DATA: ReadonlySet<string> = new Set(['Fetch', 'Produce']);

export class Rates {
  total = 0;
  readonly #byApi = new Map<string, number>();
  readonly #now: () => number;
  readonly #violate: Violate;
  #second = 0;
  #counts = new Map<string, number>();

  constructor(now: () => number, violate: Violate) {
    this.#now = now;
    this.#violate = violate;
  }

  get byApi(): ReadonlyMap<string, number> {
    return this.#byApi;
  }

  request(api: string, client: string, node: number): void {
    this.total++;
    this.#byApi.set(api, (this.#byApi.get(api) ?? 0) + 1);
    const second = Math.trunc(this.#now() / 1000);
    if (second !== this.#second) this.#counts = new Map();
    this.#second = second;
    const key = `${api} of ${client} to node ${node}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count === (DATA.has(api) ? MOST_DATA_PER_SECOND : MOST_PER_SECOND))
      this.#violate('no storm', `${count} ${key} within a second`);
  }
}
