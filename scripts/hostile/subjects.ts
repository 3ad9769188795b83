// Who uses the client, and how: each has its own APIs.
import { type Consumer, type KafkaOptions, scramSha256 } from '@hopwire/client';
import type { Start } from './work.ts';

export const TOPIC = 'orders';
export const PARTITIONS = 2;
const FIRST = { topic: TOPIC, partition: 0 };
export const USER = { username: 'ann', password: 'secret' };

export interface Subject {
  readonly name: string;
  readonly client?: Partial<KafkaOptions>;
  readonly start: Start;
}

const quick = { maxWaitMs: 200, startAt: 'earliest' } as const;
const member = { ...quick, groupId: 'g', topics: [TOPIC], heartbeatIntervalMs: 100, sessionTimeoutMs: 3_000 } as const;
const byHand = { ...member, commit: 'manual' } as const;

export const subjects: readonly Subject[] = [
  {
    name: 'a producer',
    start: (kafka, work) => {
      const producer = kafka.producer({ deliveryTimeoutMs: 2_000 });
      work.call('send', (waiting) => producer.send({ topic: TOPIC, value: 'v', partition: 0 }, waiting));
      work.call('send to any', (waiting) => producer.send({ topic: TOPIC, value: 'v' }, waiting));
    },
  },
  {
    name: 'a member',
    start: (kafka, work) => work.loop('loop', () => kafka.consumer(member)),
  },
  {
    name: 'a member that commits by hand',
    start: (kafka, work) => {
      let consumer = kafka.consumer(byHand);
      const another = (): Consumer => {
        consumer = kafka.consumer(byHand);
        return consumer;
      };
      work.loop('loop', another);
      work.call('commit', (waiting) => consumer.commit(undefined, waiting));
      work.call('committed', (waiting) => consumer.committed([FIRST], waiting));
    },
  },
  {
    name: 'a reader',
    start: (kafka, work) => work.loop('loop', () => kafka.consumer({ ...quick, topics: [TOPIC] })),
  },
  {
    name: 'a reader to the end',
    start: (kafka, work) => work.loop('loop', () => kafka.consumer({ ...quick, topics: [TOPIC], until: 'end' })),
  },
  {
    name: 'an admin',
    start: (kafka, work) => {
      const admin = kafka.admin();
      let count = 0;
      work.call('listTopics', (waiting) => admin.listTopics(waiting));
      work.call('describeTopics', (waiting) => admin.describeTopics([TOPIC], waiting));
      work.call('listOffsets', (waiting) => admin.listOffsets([{ ...FIRST, at: 'latest' }], waiting));
      work.call('committedOffsets', (waiting) => admin.committedOffsets('g', { partitions: [FIRST], ...waiting }));
      work.call('createTopics', (waiting) => admin.createTopics([{ topic: `new${count++}` }], waiting));
      work.call('deleteTopics', (waiting) => admin.deleteTopics([`new${count - 2}`], waiting));
    },
  },
  {
    name: 'a user who logs in',
    client: { sasl: scramSha256(USER) },
    start: (kafka, work) => {
      work.call('connect', (waiting) => kafka.connect(waiting));
      work.call('listTopics', (waiting) => kafka.admin().listTopics(waiting));
    },
  },
];
