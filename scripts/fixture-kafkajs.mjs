// What kafkajs is made to say for `pnpm fixtures`: node fixture-kafkajs.mjs HOST:PORT [USER PASSWORD]
import { createRequire } from 'node:module';

const { Kafka, CompressionTypes, logLevel } = createRequire(new URL('../bench/package.json', import.meta.url))(
  'kafkajs',
);
const [, , broker, username, password] = process.argv;
const sasl = username ? { mechanism: 'scram-sha-256', username, password } : undefined;
const kafka = new Kafka({
  clientId: 'kafkajs',
  brokers: [broker],
  logLevel: logLevel.NOTHING,
  retry: { retries: 3 },
  sasl,
});
const topic = sasl ? 'kafkajs-sasl' : 'kafkajs';

/** What a broker does not have is left out. */
async function maybe(what, ask) {
  await ask().catch((error) => console.warn(`  kafkajs: ${what}: ${error.message}`));
}

const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
await producer.connect();
const messages = [
  { key: 'k', value: 'first', headers: { h: 'x' } },
  { key: null, value: 'second' },
];
await producer.send({ topic, messages, compression: CompressionTypes.GZIP });
await producer.send({ topic, messages: [{ value: null, partition: 1 }], acks: -1 });
await producer.disconnect();

const consumer = kafka.consumer({
  groupId: `${topic}-group`,
  sessionTimeout: 6000,
  heartbeatInterval: 100,
  maxWaitTimeInMs: 100,
});
await consumer.connect();
await consumer.subscribe({ topics: [topic], fromBeginning: true });
await new Promise((resolve) => {
  let count = 0;
  // Heartbeats go between messages.
  const eachMessage = async ({ heartbeat }) => {
    await new Promise((r) => setTimeout(r, 150));
    await heartbeat();
    if (++count === 3) resolve();
  };
  consumer.run({ eachMessage });
});
await consumer.commitOffsets([{ topic, partition: 0, offset: '1', metadata: 'here' }]);
await consumer.disconnect();

await maybe('fetchTopicOffsets', () => admin.fetchTopicOffsets(topic));
await maybe('fetchOffsets', () => admin.fetchOffsets({ groupId: `${topic}-group`, topics: [topic] }));
await maybe('describeCluster', () => admin.describeCluster());
await maybe('createPartitions', () => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }));
await maybe('describeConfigs', () =>
  admin.describeConfigs({
    includeSynonyms: true,
    resources: [{ type: 2, name: topic, configNames: ['retention.ms'] }],
  }),
);
await maybe('alterConfigs', () =>
  admin.alterConfigs({
    resources: [{ type: 2, name: topic, configEntries: [{ name: 'retention.ms', value: '1000000' }] }],
  }),
);
await maybe('listGroups', () => admin.listGroups());
await maybe('describeGroups', () => admin.describeGroups([`${topic}-group`]));
const acl = {
  resourceType: 2,
  resourceName: topic,
  resourcePatternType: 3,
  principal: 'User:somebody',
  host: '*',
  operation: 3,
  permissionType: 3,
};
await maybe('createAcls', () => admin.createAcls({ acl: [acl] }));
await maybe('describeAcls', () => admin.describeAcls(acl));
await maybe('deleteAcls', () => admin.deleteAcls({ filters: [acl] }));
await maybe('listPartitionReassignments', () => admin.listPartitionReassignments({}));
await maybe('deleteTopicRecords', () =>
  admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] }),
);

await maybe('a transaction', async () => {
  const transactional = kafka.producer({ transactionalId: `${topic}-t`, maxInFlightRequests: 1, idempotent: true });
  await transactional.connect();
  const transaction = await transactional.transaction();
  await transaction.send({ topic, messages: [{ value: 'in a transaction' }] });
  const topics = [{ topic, partitions: [{ partition: 0, offset: '1' }] }];
  await transaction.sendOffsets({ consumerGroupId: `${topic}-group`, topics });
  await transaction.commit();
  await transactional.disconnect();
});
await maybe('deleteGroups', () => admin.deleteGroups([`${topic}-group`]));
await admin.deleteTopics({ topics: [topic] });
await admin.disconnect();
// What failed in the middle may have left connections open.
process.exit();
