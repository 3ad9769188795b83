// What was ever written to each partition, and what became of it: the truth that clients are compared with.
import { BatchView } from '@hopwire/protocol';
import type { Append } from '@hopwire/test-broker/src/embedded/stored.ts';

/** `deleted`: by retention; `cut`: by an unclean election; `dropped`: with its topic. */
export type Fate = 'there' | 'deleted' | 'cut' | 'dropped';

/** One record in a log. */
export interface Entry {
  /** `producer:sequence`, as its value says. */
  readonly id: string;
  readonly history: History;
  readonly offset: number;
  /** Producer id, epoch and base sequence of its batch. */
  readonly identity: string;
  /** How often the log had been cut when it was written. */
  readonly lineage: number;
  fate: Fate;
}

/** One partition of one topic id. */
export class History {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** The topic's how-manieth life. */
  readonly life: number;
  readonly bornAtMs: number;
  /** By offset: the newest at each. */
  readonly entries: (Entry | undefined)[] = [];
  /** Those that were cut away, in the order in which that happened. */
  readonly lost: Entry[] = [];
  /** Where the log was cut, each time. */
  readonly cuts: number[] = [];
  start = 0;
  end = 0;
  isDropped = false;

  constructor(topic: string, topicId: string, partition: number, life: { number: number; bornAtMs: number }) {
    this.topic = topic;
    this.topicId = topicId;
    this.partition = partition;
    this.life = life.number;
    this.bornAtMs = life.bornAtMs;
  }

  get name(): string {
    return `${this.topic}[${this.partition}]`;
  }

  /** All records that were ever at this offset, the newest first. */
  at(offset: number): Entry[] {
    const newest = this.entries[offset];
    const older = this.lost.filter((entry) => entry.offset === offset).reverse();
    return newest ? [newest, ...older] : older;
  }
}

/** All partitions of all topics, those of deleted topics too. */
export class Histories {
  readonly #byPartition = new Map<string, History[]>();
  readonly #copies = new Map<string, Entry[]>();
  readonly #lives = new Map<string, string[]>();
  readonly #now: () => number;
  /** Told of each record that is written. */
  onWritten: (entry: Entry) => void = () => undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  append({ topic, topicId, partition, baseOffset, batch }: Append): void {
    const history = this.of(topic, topicId, partition);
    let offset = Number(baseOffset);
    const view = BatchView.at(batch, 0);
    const identity = `${view.producerId}/${view.producerEpoch}/${view.baseSequence}`;
    for (const record of view.records()) this.#write(history, offset++, idOf(record.value), identity);
  }

  /** A topic was made, made anew, or has grown. */
  made(topic: string, topicId: string, partitions: number): void {
    for (let partition = 0; partition < partitions; partition++) this.of(topic, topicId, partition);
  }

  of(topic: string, topicId: string, partition: number): History {
    const lives = this.all(topic, partition);
    const known = lives.find((history) => history.topicId === topicId);
    if (known) return known;
    const life = { number: this.#lifeOf(topic, topicId), bornAtMs: this.#now() };
    const history = new History(topic, topicId, partition, life);
    lives.push(history);
    return history;
  }

  /** Also of one that is gone. */
  nameOf(topicId: string): string | undefined {
    for (const [name, ids] of this.#lives) if (ids.includes(topicId)) return name;
    return undefined;
  }

  /** The partition's lives, oldest first. */
  all(topic: string, partition: number): History[] {
    const key = `${topic}/${partition}`;
    const lives = this.#byPartition.get(key) ?? [];
    this.#byPartition.set(key, lives);
    return lives;
  }

  /** The life that is not over. */
  living(): History[] {
    return [...this.#byPartition.values()].flat().filter(({ isDropped }) => !isDropped);
  }

  /** Where a record is or was, except where it was cut away or dropped with its topic. */
  copies(id: string): Entry[] {
    return (this.#copies.get(id) ?? []).filter(({ fate }) => fate === 'there' || fate === 'deleted');
  }

  /** Where a record ever was. */
  everCopied(id: string): readonly Entry[] {
    return this.#copies.get(id) ?? [];
  }

  /** Retention took what lies before. */
  deleted(history: History, before: number): void {
    for (let offset = history.start; offset < before; offset++) setFate(history.entries[offset], 'deleted');
    history.start = Math.max(history.start, before);
  }

  /** The log ends here now. */
  cut(history: History, end: number): void {
    for (const entry of history.entries.splice(end)) {
      setFate(entry, 'cut');
      if (entry) history.lost.push(entry);
    }
    history.cuts.push(end);
    history.end = end;
  }

  dropped(topic: string): void {
    for (const history of this.living()) {
      if (history.topic !== topic) continue;
      history.isDropped = true;
      for (const entry of history.entries) setFate(entry, 'dropped');
    }
  }

  #write(history: History, offset: number, id: string, identity: string): void {
    const entry: Entry = { id, history, offset, identity, lineage: history.cuts.length, fate: 'there' };
    history.entries[offset] = entry;
    history.end = offset + 1;
    const copies = this.#copies.get(id) ?? [];
    copies.push(entry);
    this.#copies.set(id, copies);
    this.onWritten(entry);
  }

  #lifeOf(topic: string, topicId: string): number {
    const lives = this.#lives.get(topic) ?? [];
    if (!lives.includes(topicId)) lives.push(topicId);
    this.#lives.set(topic, lives);
    return lives.indexOf(topicId);
  }
}

function setFate(entry: Entry | undefined, fate: Fate): void {
  if (entry?.fate === 'there' || entry?.fate === 'deleted') entry.fate = fate;
}

/** A value is `producer:sequence`, a blank, and padding. */
export function idOf(value: Buffer | null): string {
  const text = value?.toString('latin1') ?? '';
  const end = text.indexOf(' ');
  return end < 0 ? text : text.slice(0, end);
}

export function producerOf(id: string): string {
  return id.slice(0, id.indexOf(':'));
}

export function sequenceOf(id: string): number {
  return Number(id.slice(id.indexOf(':') + 1));
}
