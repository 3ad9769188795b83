// All readers: what each incarnation of a partition at a consumer sees.
import type { Histories } from './histories.ts';
import { type Jump, Reading } from './reading.ts';
import type { Violate } from './violation.ts';

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** Jumps of one partition that are remembered: most are other readers'. */
const MOST_JUMPS = 500;

/** What one consumer reads. */
export class ReaderTrack {
  readonly name: string;
  /** Resets that its client spoke of: they do not say whose they are, so each reader of a client has them all. */
  readonly jumps: Map<string, Jump[]> = new Map();
  readonly #readings = new Map<string, Reading>();
  readonly #histories: Histories;
  readonly #violate: Violate;

  constructor(name: string, histories: Histories, violate: Violate) {
    this.name = name;
    this.#histories = histories;
    this.#violate = violate;
  }

  /** A partition came, or its position was set: it begins anew. @param next null: wherever it begins */
  begin({ topic, partition }: Place, next: number | null): void {
    const key = `${topic}/${partition}`;
    this.#readings.set(key, new Reading(this.#histories, topic, partition, next));
    this.jumps.delete(key);
  }

  /** The loop was left with this record in hand: it comes again, unless its partition was taken away and began anew. */
  letGo({ topic, partition }: Place, offset: number): void {
    const reading = this.#readings.get(`${topic}/${partition}`);
    if (reading && reading.next !== null) reading.next = offset;
  }

  reading({ topic, partition }: Place): Reading {
    const key = `${topic}/${partition}`;
    const reading = this.#readings.get(key) ?? new Reading(this.#histories, topic, partition, null);
    this.#readings.set(key, reading);
    return reading;
  }

  got(place: Place, offset: number, id: string): Reading {
    const reading = this.reading(place);
    const problem = reading.got(offset, id, this.jumps.get(`${place.topic}/${place.partition}`) ?? []);
    if (problem) this.#violate('the log in order', `${this.name} ${place.topic}[${place.partition}]: ${problem}`);
    return reading;
  }

  jumped({ topic, partition }: Place, jump: Jump): void {
    const key = `${topic}/${partition}`;
    const jumps = this.jumps.get(key) ?? [];
    jumps.push(jump);
    if (jumps.length > MOST_JUMPS) jumps.shift();
    this.jumps.set(key, jumps);
  }
}
