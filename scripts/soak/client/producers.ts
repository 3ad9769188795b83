// The producers of the soak: each sends its share of the rate without waiting, in order of its sequence numbers.
import type { Kafka, Producer } from '@hopwire/client';
import { now } from '../clock.ts';
import { idOf, KEYED, KEYED_PRODUCERS, KEYS, LANE_PRODUCER, LANES, valueFor } from '../workload.ts';
import type { Reporter } from './reporter.ts';

const TICK_MS = 20;
/** Beyond this many unanswered ones a producer pauses. */
const MOST_OPEN = 5000;
const SETTLE_MS = 150_000;
const MS_PER_S = 1000;

/** What one producer sends next, without its sequence number. */
interface Lane {
  readonly key: string;
  readonly topic: string;
  readonly partition?: number;
}

export class Producers {
  readonly #senders: readonly Sender[];

  constructor(kafka: Kafka, reporter: Reporter, rate: number) {
    const share = rate / (KEYED_PRODUCERS.length + 1);
    this.#senders = [
      ...KEYED_PRODUCERS.map((name) => new Sender(name, kafka.producer(), reporter, share, keyedLane)),
      new Sender(LANE_PRODUCER, kafka.producer(), reporter, share, partitionLane),
    ];
  }

  /** Resolves with the number of sends that still have no answer: 0, or the client is at fault. */
  async stop(): Promise<number> {
    const left = await Promise.all(this.#senders.map((sender) => sender.stop()));
    return left.reduce((sum, count) => sum + count, 0);
  }
}

const keyedLane = (count: number): Lane => ({ key: `k${count % KEYS}`, topic: KEYED.topic });

function partitionLane(count: number): Lane {
  const partition = count % LANES.partitions;
  return { key: `p${partition}`, topic: LANES.topic, partition };
}

class Sender {
  readonly #name: string;
  readonly #producer: Producer;
  readonly #reporter: Reporter;
  readonly #rate: number;
  readonly #laneOf: (count: number) => Lane;
  readonly #sequences = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;
  #began: number = now();
  #count = 0;
  #open = 0;
  #whenQuiet: () => void = () => {};

  constructor(name: string, producer: Producer, reporter: Reporter, rate: number, laneOf: (count: number) => Lane) {
    this.#name = name;
    this.#producer = producer;
    this.#reporter = reporter;
    this.#rate = rate;
    this.#laneOf = laneOf;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  async stop(): Promise<number> {
    clearInterval(this.#timer);
    if (this.#open === 0) return 0;
    const quiet = new Promise<void>((resolve) => {
      this.#whenQuiet = resolve;
    });
    let late: NodeJS.Timeout | undefined;
    const end = new Promise<void>((resolve) => {
      late = setTimeout(resolve, SETTLE_MS);
    });
    await Promise.race([quiet, end]).finally(() => clearTimeout(late));
    return this.#open;
  }

  /** What a pause held back is not caught up with. */
  #tick(): void {
    const due = ((now() - this.#began) / MS_PER_S) * this.#rate;
    while (this.#count < due && this.#open < MOST_OPEN) this.#send(this.#laneOf(this.#count++));
    if (this.#count < due) {
      this.#began = now();
      this.#count = 0;
    }
  }

  #send({ key, ...place }: Lane): void {
    const sequence = this.#sequences.get(key) ?? 0;
    this.#sequences.set(key, sequence + 1);
    const id = idOf(this.#name, key, sequence);
    this.#open++;
    this.#producer.send({ ...place, key, value: valueFor(id) }).then(
      ({ topic, partition, offset }) => {
        this.#reporter.tell({ kind: 'acknowledged', at: now(), id, topic, partition, offset: Number(offset) });
        this.#settled();
      },
      (error: unknown) => {
        this.#reporter.tell({ kind: 'failed', at: now(), id, outcome: outcomeOf(error), reason: String(error) });
        this.#settled();
      },
    );
  }

  #settled(): void {
    if (--this.#open === 0) this.#whenQuiet();
  }
}

/** Only what the client itself says counts as `no`. */
function outcomeOf(error: unknown): 'no' | 'unknown' {
  return error instanceof Error && 'outcome' in error && error.outcome === 'no' ? 'no' : 'unknown';
}
