// The consumers of the soak: several members of two groups, and one that reads by itself, all out of one client.
import { setTimeout as delay } from 'node:timers/promises';
import type { Consumer, ConsumerOptions, Kafka, TopicPartition } from '@hopwire/client';
import { now } from '../clock.ts';
import { GROUPS, idIn, MANUAL, TOPICS } from '../workload.ts';
import type { Reporter } from './reporter.ts';

const COMMIT_INTERVAL_MS = 1000;
/** Shorter than the default for one group: some faults last longer than its session. */
const SHORT_SESSION_MS = 10_000;
const SHORT_SESSION_GROUP = 'soak-second';
const PAUSE_AFTER_END_MS = 1000;
const CLOSE_MS = 5000;

type Phase = 'assigned' | 'revoked' | 'lost';

export class Readers {
  readonly #reporter: Reporter;
  #isClosing = false;

  /** @param clientFor gives the client of each consumer */
  constructor(clientFor: () => Kafka, reporter: Reporter) {
    this.#reporter = reporter;
    for (const [group, members] of Object.entries(GROUPS)) {
      for (let member = 0; member < members; member++) {
        void this.#keepReading(clientFor(), group, member, () => this.#groupOptions(group, member));
      }
    }
    void this.#keepReading(clientFor(), MANUAL, 0, manualOptions);
  }

  /** From now on loops may end. */
  closing(): void {
    this.#isClosing = true;
  }

  /** A loop that ends by itself is told, and begun anew. */
  async #keepReading(kafka: Kafka, reader: string, member: number, options: () => ConsumerOptions): Promise<void> {
    while (!this.#isClosing) {
      const reason = await this.#read(reader, member, kafka.consumer(options()));
      if (this.#isClosing) return;
      this.#reporter.tell({ kind: 'loopEnded', at: now(), reader, member, reason });
      await delay(PAUSE_AFTER_END_MS);
      if (reader === MANUAL) this.#tellReassigned(reader, member, 'assigned', manualPartitions());
    }
  }

  async #read(reader: string, member: number, consumer: Consumer): Promise<string> {
    try {
      for await (const { topic, partition, offset, value } of consumer) {
        const id = idIn(String(value));
        const read = { reader, member, topic, partition, offset: Number(offset), id };
        this.#reporter.tell({ kind: 'read', at: now(), ...read });
      }
      return 'the loop ended without an error';
    } catch (error) {
      // Hours of trouble must not leave it waiting for ever.
      void consumer.close({ timeoutMs: CLOSE_MS }).catch(() => undefined);
      return String(error);
    }
  }

  #groupOptions(groupId: string, member: number): ConsumerOptions {
    const hook = (phase: Phase) => (partitions: readonly TopicPartition[]) =>
      this.#tellReassigned(groupId, member, phase, partitions);
    return {
      groupId,
      topics: TOPICS.map(({ topic }) => topic),
      startAt: 'earliest',
      commitIntervalMs: COMMIT_INTERVAL_MS,
      onAssigned: hook('assigned'),
      onRevoked: hook('revoked'),
      onLost: hook('lost'),
      ...(groupId === SHORT_SESSION_GROUP ? { sessionTimeoutMs: SHORT_SESSION_MS } : {}),
    };
  }

  #tellReassigned(reader: string, member: number, phase: Phase, partitions: readonly TopicPartition[]): void {
    const plain = partitions.map(({ topic, partition }) => ({ topic, partition }));
    this.#reporter.tell({ kind: 'reassigned', at: now(), reader, member, phase, partitions: plain });
  }
}

function manualPartitions(): TopicPartition[] {
  return TOPICS.flatMap(({ topic, partitions }) =>
    Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
  );
}

const manualOptions = (): ConsumerOptions => ({
  assign: manualPartitions().map((where) => ({ ...where, offset: 'earliest' })),
});
