// The parent's account of what the client has told: what was acknowledged, refused and read, by whom and when.
import type { AdminCall, LoopEnded, Newcomer, Read, Reassigned, Sample, SoakEvent } from './messages.ts';
import { nameOf, READERS } from './workload.ts';

/** Where a record is said to lie. */
export interface Place {
  readonly partition: string;
  readonly offset: number;
}

export interface Refusal {
  readonly outcome: 'no' | 'unknown';
  readonly reason: string;
}

/** What came of one partition, in order of time. */
export interface Arrivals {
  readonly times: number[];
  /** -1: not told. */
  readonly offsets: number[];
}

/** All reads of one partition by one reader. */
export interface PartitionReads extends Arrivals {
  /** offset -> what was read there first */
  readonly ids: Map<number, string>;
}

/** A step back that nothing explains. */
export interface StepBack {
  readonly reader: string;
  readonly member: number;
  readonly partition: string;
  readonly from: number;
  readonly to: number;
}

export class Ledger {
  readonly acknowledged: Map<string, Place> = new Map();
  readonly refused: Map<string, Refusal> = new Map();
  /** partition -> its acknowledgements */
  readonly acknowledgements: Map<string, Arrivals> = new Map();
  /** reader -> partition -> its reads */
  readonly reads: Map<string, Map<string, PartitionReads>> = new Map(READERS.map((reader) => [reader, new Map()]));
  /** Times of deliveries of what that reader had got before. */
  readonly duplicatesAt: number[] = [];
  readonly stepsBack: StepBack[] = [];
  readonly loopsEnded: LoopEnded[] = [];
  readonly adminCalls: AdminCall[] = [];
  readonly newcomers: Newcomer[] = [];
  readonly samples: Sample[] = [];
  /** member and partition -> offset read last, since its partitions changed last */
  readonly #last = new Map<string, number>();

  note(event: SoakEvent): void {
    if (event.kind === 'acknowledged') {
      const partition = nameOf(event.topic, event.partition);
      this.acknowledged.set(event.id, { partition, offset: event.offset });
      const { times, offsets } = arrivalsIn(this.acknowledgements, partition);
      times.push(event.at);
      offsets.push(event.offset);
    } else if (event.kind === 'failed') this.refused.set(event.id, event);
    else if (event.kind === 'read') this.#read(event);
    else if (event.kind === 'reassigned') this.#reassigned(event);
    else if (event.kind === 'loopEnded') this.loopsEnded.push(event);
    else if (event.kind === 'admin') this.adminCalls.push(event);
    else if (event.kind === 'newcomer') this.newcomers.push(event);
    else if (event.kind === 'sample') this.samples.push(event);
  }

  /** How many different records each reader has got. */
  get delivered(): ReadonlyMap<string, number> {
    const sizes = (of: Map<string, PartitionReads>): number => [...of.values()].reduce((n, { ids }) => n + ids.size, 0);
    return new Map([...this.reads].map(([reader, of]) => [reader, sizes(of)]));
  }

  #read({ at, reader, member, topic, partition, offset, id }: Read): void {
    const name = nameOf(topic, partition);
    const { times, offsets, ids } = this.#readsOf(reader, name);
    times.push(at);
    offsets.push(offset);
    if (ids.has(offset)) this.duplicatesAt.push(at);
    else ids.set(offset, id);
    const key = `${reader}/${member}/${name}`;
    const last = this.#last.get(key);
    if (last !== undefined && offset <= last)
      this.stepsBack.push({ reader, member, partition: name, from: last, to: offset });
    this.#last.set(key, offset);
  }

  #readsOf(reader: string, partition: string): PartitionReads {
    const mine = this.reads.get(reader) ?? new Map<string, PartitionReads>();
    const reads = mine.get(partition) ?? { times: [], offsets: [], ids: new Map() };
    this.reads.set(reader, mine.set(partition, reads));
    return reads;
  }

  /** What is read after that may have been read before: it begins at what is committed. */
  #reassigned({ reader, member, partitions }: Reassigned): void {
    for (const { topic, partition } of partitions) this.#last.delete(`${reader}/${member}/${nameOf(topic, partition)}`);
  }
}

function arrivalsIn(all: Map<string, Arrivals>, name: string): Arrivals {
  const arrivals = all.get(name) ?? { times: [], offsets: [] };
  all.set(name, arrivals);
  return arrivals;
}
