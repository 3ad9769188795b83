// What fills the buffer, in words for those who wait for room in it.
import { clock } from '../util/clock.ts';
import { ProducerBatch } from './batch.ts';
import { HeldRecord } from './held-record.ts';
import type { Unit } from './outstanding.ts';

/** Thousands may run out of time together: it is not counted anew for each of them. */
const GOOD_FOR_MS = 50;
/** Places that are named. */
const MOST_NAMED = 3;

export class Fullness {
  readonly #bufferBytes: number;
  readonly #units: Iterable<Unit>;
  #text = '';
  #countedAtMs = Number.NEGATIVE_INFINITY;

  constructor(bufferBytes: number, units: Iterable<Unit>) {
    this.#bufferBytes = bufferBytes;
    this.#units = units;
  }

  describe(): string {
    const nowMs = clock.now();
    if (nowMs - this.#countedAtMs > GOOD_FOR_MS) {
      this.#countedAtMs = nowMs;
      this.#text = `the buffer of ${this.#bufferBytes} bytes (bufferBytes) ${this.#content()}`;
    }
    return this.#text;
  }

  #content(): string {
    const places = new Set<string>();
    let records = 0;
    for (const unit of this.#units) {
      const count = recordsIn(unit);
      records += count;
      if (count > 0) places.add(placeOf(unit));
    }
    if (records === 0) return 'was full of records that were given up at this moment';
    const named = [...places].slice(0, MOST_NAMED).join(', ');
    const more = places.size > MOST_NAMED ? ` and ${places.size - MOST_NAMED} more` : '';
    return `is full: ${records} ${records === 1 ? 'record waits' : 'records wait'} for ${named}${more}`;
  }
}

/** Those that wait for room themselves fill nothing. */
function recordsIn(unit: Unit): number {
  if (unit instanceof ProducerBatch) return unit.count;
  return unit instanceof HeldRecord && unit.isAdmitted ? 1 : 0;
}

function placeOf(unit: Unit): string {
  if (unit instanceof ProducerBatch) return `${unit.topic}[${unit.partition}]`;
  if (!(unit instanceof HeldRecord)) return '';
  return unit.partition === null ? unit.topic : `${unit.topic}[${unit.partition}]`;
}
