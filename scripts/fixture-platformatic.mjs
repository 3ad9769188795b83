// What @platformatic/kafka is made to say for `pnpm fixtures`: node fixture-platformatic.mjs HOST:PORT [USER PASSWORD]
// It needs Node 24.
const { Admin, Consumer, Producer, stringDeserializers, stringSerializers } = await import(
  new URL('../bench/node_modules/@platformatic/kafka/dist/index.js', import.meta.url).href
);
const [, , broker, username, password] = process.argv;
const common = {
  clientId: 'platformatic',
  bootstrapBrokers: [broker],
  retries: 2,
  ...(username ? { sasl: { mechanism: 'SCRAM-SHA-512', username, password } } : {}),
};
const topic = username ? 'platformatic-sasl' : 'platformatic';

/** What a broker does not have is left out. */
async function maybe(what, ask) {
  await ask().catch((error) => console.warn(`  platformatic: ${what}: ${error.message}`));
}

const admin = new Admin(common);
await admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 });
for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
  const producer = new Producer({
    ...common,
    serializers: stringSerializers,
    compression,
    idempotent: compression === 'gzip',
  });
  const messages = [
    { topic, key: 'k', value: 'value value value value', headers: { h: 'x' } },
    { topic, key: 'n', value: 'value' },
  ];
  await maybe(compression, () => producer.send({ messages, acks: -1 }));
  await producer.close();
}

async function consume(groupId, options) {
  const consumer = new Consumer({
    ...common,
    groupId,
    deserializers: stringDeserializers,
    maxWaitTime: 200,
    ...options,
  });
  const stream = await consumer.consume({
    topics: [topic],
    mode: 'earliest',
    autocommit: false,
    sessionTimeout: 6000,
    heartbeatInterval: 200,
  });
  for await (const message of stream) {
    await message.commit();
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  await maybe('offsets', () => consumer.listOffsets({ topics: [topic] }));
  await maybe('committed', () => consumer.listCommittedOffsets({ topics: [{ topic, partitions: [0, 1] }] }));
  await consumer.close(true);
}
await maybe('a classic group', () => consume(`${topic}-group`, {}));
await maybe('a KIP-848 group', () => consume(`${topic}-848`, { groupProtocol: 'consumer' }));

await maybe('metadata', () => admin.metadata({ topics: [topic] }));
await maybe('listTopics', () => admin.listTopics());
await maybe('listGroups', () => admin.listGroups());
await maybe('describeGroups', () => admin.describeGroups({ groups: [`${topic}-group`] }));
await maybe('deleteGroups', () => admin.deleteGroups({ groups: [`${topic}-group`] }));
await maybe('createPartitions', () =>
  admin.createPartitions({ topics: [{ name: topic, count: 3, assignments: null }] }),
);
await maybe('describeConfigs', () =>
  admin.describeConfigs({ resources: [{ resourceType: 2, resourceName: topic, configurationKeys: ['retention.ms'] }] }),
);
await maybe('describeClientQuotas', () => admin.describeClientQuotas({ components: [] }));
await maybe('listOffsets', () =>
  admin.listOffsets({ topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp: -1n }] }] }),
);
await maybe('deleteTopics', () => admin.deleteTopics({ topics: [topic] }));
process.exit();
