// Who uses the client, and how: each has its own APIs.
import { type Consumer, type KafkaOptions, Metadata, plain, scramSha256 } from '@hopwire/client';
import { DescribeConfigs } from '@hopwire/protocol';
import { ALL_TOPICS } from '../deadlines/requests.ts';
import type { Start } from './work.ts';

export const TOPIC = 'orders';
export const PARTITIONS = 2;
export const GROUP = 'g';
const FIRST = { topic: TOPIC, partition: 0 };
export const USER = { username: 'ann', password: 'secret' };

export interface Subject {
  readonly name: string;
  readonly client?: Partial<KafkaOptions>;
  readonly start: Start;
}

const quick = { maxWaitMs: 200, startAt: 'earliest' } as const;
const member = {
  ...quick,
  groupId: GROUP,
  topics: [TOPIC],
  heartbeatIntervalMs: 100,
  sessionTimeoutMs: 3_000,
} as const;
const CONFIGS = {
  resources: [{ resourceType: 2, resourceName: TOPIC, configurationKeys: null }],
  includeSynonyms: false,
  includeDocumentation: false,
};
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
    name: 'a producer without numbers',
    start: (kafka, work) => {
      const producer = kafka.producer({ deliveryTimeoutMs: 2_000, idempotence: false, acks: 'leader' });
      work.call('send', (waiting) => producer.send({ topic: TOPIC, value: 'v' }, waiting));
      work.call('partitionsFor', (waiting) => producer.partitionsFor(TOPIC, waiting));
      work.call('flush', (waiting) => producer.flush(waiting));
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
    name: 'a static member',
    start: (kafka, work) => work.loop('loop', () => kafka.consumer({ ...member, groupInstanceId: 'one' })),
  },
  {
    name: 'two members',
    start: (kafka, work) => {
      for (const name of ['loop', 'another loop']) work.loop(name, () => kafka.consumer(member));
    },
  },
  {
    name: 'a reader of chosen partitions',
    start: (kafka, work) => {
      const chosen = { ...quick, groupId: 'offsets', assign: [{ ...FIRST, offset: 'committed' }] } as const;
      let consumer = kafka.consumer(chosen);
      const another = (): Consumer => {
        consumer = kafka.consumer(chosen);
        return consumer;
      };
      work.loop('loop', another);
      work.call('seek', (waiting) => consumer.seek({ ...FIRST, offset: 'earliest' }, waiting));
      work.call('commit', (waiting) => consumer.commit([{ ...FIRST, offset: 1n }], waiting));
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
      work.call('committedOffsets', (waiting) => admin.committedOffsets(GROUP, { partitions: [FIRST], ...waiting }));
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
  {
    name: 'a user with a plain password',
    client: { sasl: plain(USER) },
    start: (kafka, work) => work.call('connect', (waiting) => kafka.connect(waiting)),
  },
  {
    name: 'a user of raw requests',
    start: (kafka, work) => {
      work.call('Metadata', (waiting) => kafka.request(Metadata, ALL_TOPICS, waiting));
      work.call('DescribeConfigs', (waiting) => kafka.request(DescribeConfigs, CONFIGS, waiting));
    },
  },
];
