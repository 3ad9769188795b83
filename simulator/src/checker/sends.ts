// What producers were told about their records, compared with the logs.
import { type Entry, type Histories, producerOf, sequenceOf } from './histories.ts';
import type { Violate } from './violation.ts';

/** `no`: it was said that it is not written; `unknown`: nobody was told, or it was said that nobody knows. */
export type Outcome = 'pending' | 'acknowledged' | 'no' | 'unknown';

export interface SentRecord {
  readonly id: string;
  readonly topic: string;
  outcome: Outcome;
}

/** What a producer promises. */
export interface ProducerRules {
  /** No second copies, no disorder. */
  readonly isIdempotent: boolean;
}

export class Sends {
  readonly #histories: Histories;
  readonly #violate: Violate;
  readonly #records = new Map<string, SentRecord>();
  readonly #rules = new Map<string, ProducerRules>();
  /** Last sequence of a producer in a partition. */
  readonly #last = new Map<string, Entry>();

  constructor(histories: Histories, violate: Violate) {
    this.#histories = histories;
    this.#violate = violate;
  }

  get acknowledged(): number {
    let count = 0;
    for (const { outcome } of this.#records.values()) if (outcome === 'acknowledged') count++;
    return count;
  }

  get count(): number {
    return this.#records.size;
  }

  producer(name: string, rules: ProducerRules): void {
    this.#rules.set(name, rules);
  }

  sent(id: string, topic: string): SentRecord {
    const record: SentRecord = { id, topic, outcome: 'pending' };
    this.#records.set(id, record);
    return record;
  }

  /** @param offset -1: the client does not know it */
  delivered(record: SentRecord, partition: number, offset: number): void {
    record.outcome = 'acknowledged';
    const ever = this.#histories.everCopied(record.id);
    const isThere = ever.some((entry) => entry.history.partition === partition && [entry.offset, -1].includes(offset));
    if (!isThere) {
      const where = ever.map(({ history, offset: at }) => `${history.name} ${at}`).join(', ') || 'nowhere';
      this.#violate(
        'acknowledged is written',
        `${record.id}: acknowledged at ${record.topic}[${partition}] ${offset}, but is ${where}`,
      );
    }
  }

  notWritten(record: SentRecord, why: string): void {
    record.outcome = 'no';
    const copies = this.#histories.copies(record.id);
    if (copies.length > 0) this.#violate('not written is not written', `${record.id}: ${why}; but it is in the log`);
  }

  unknown(record: SentRecord): void {
    record.outcome = 'unknown';
  }

  /** A record came to a log. */
  written(entry: Entry): void {
    const { id, history } = entry;
    const record = this.#records.get(id);
    if (!record) {
      this.#violate('only what was sent is written', `${history.name} ${entry.offset}: ${id || 'a strange value'}`);
      return;
    }
    if (record.outcome === 'no')
      this.#violate('not written is not written', `${id}: written after it was said not to be`);
    if (!this.#rules.get(producerOf(id))?.isIdempotent) return;
    if (this.#histories.copies(id).length > 1 && !this.#hasLostNumbers(entry)) {
      this.#violate('once', `${id} is written twice: ${this.#places(id)}`);
    }
    this.#checkOrder(entry);
  }

  /** The end of a log was cut away: what is left says what came last. */
  cut(histories: Histories): void {
    this.#last.clear();
    for (const history of histories.living()) {
      for (const entry of history.entries) if (entry) this.#last.set(keyOf(entry), entry);
    }
  }

  #checkOrder(entry: Entry): void {
    const key = keyOf(entry);
    const last = this.#last.get(key);
    if (last && sequenceOf(entry.id) <= sequenceOf(last.id) && !this.#mayOvertake(entry, last)) {
      const after = `${last.id} (${last.identity}) at ${last.offset}`;
      const outcome = this.#records.get(entry.id)?.outcome;
      const what = `${entry.id} (${entry.identity}, ${outcome}) is written after ${after}`;
      this.#violate('in order', `${entry.history.name} ${entry.offset}: ${what}`);
    }
    this.#last.set(key, entry);
  }

  /**
   * A log that is cut forgets the numbers of its producers: it takes any next one, and refuses those before that. No
   * producer can tell that from numbers that never arrived, and sends all of them under the next epoch. Where retention
   * has deleted the first copy before the cut, the log takes that number itself again, from a request that was late.
   */
  #hasLostNumbers({ id, history }: Entry): boolean {
    if (history.cuts.length === 0) return false;
    const copies = this.#histories.copies(id);
    const isForgotten = copies.some((copy) => copy.history === history && copy.offset < history.start);
    return isForgotten || new Set(copies.map(({ identity }) => identity)).size > 1;
  }

  /** After a cut: what came later was taken as the next one, and this was refused until the next epoch. */
  #mayOvertake({ id, history, identity }: Entry, last: Entry): boolean {
    const wasCutAway = this.#histories.everCopied(id).filter((copy) => copy.history === history).length > 1;
    return wasCutAway || (history.cuts.length > 0 && epochOf(identity) !== epochOf(last.identity));
  }

  #places(id: string): string {
    return this.#histories
      .copies(id)
      .map(({ history, offset, identity }) => `${history.name} ${offset} (${identity})`)
      .join(', ');
  }
}

/** Producer id and epoch. */
function epochOf(identity: string): string {
  return identity.slice(0, identity.lastIndexOf('/'));
}

function keyOf({ id, history }: Entry): string {
  return `${producerOf(id)} ${history.topicId}/${history.partition}`;
}
