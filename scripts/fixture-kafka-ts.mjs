// What kafka-ts is made to say for `pnpm fixtures`: node fixture-kafka-ts.mjs HOST:PORT [USER PASSWORD]
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../bench/', import.meta.url));
const { createKafkaClient, API, saslScramSha256, setLogger } = createRequire(join(folder, 'package.json'))('kafka-ts');
const [, , broker = '', username, password] = process.argv;
const [host, port] = broker.split(':');
const quiet = () => {};
setLogger({ debug: quiet, info: quiet, warn: quiet, error: quiet });
const kafka = createKafkaClient({
  clientId: 'kafka-ts',
  bootstrapServers: [{ host, port: Number(port) }],
  ...(username ? { sasl: saslScramSha256({ username, password }) } : {}),
});
const topic = username ? 'kafka-ts-sasl' : 'kafka-ts';

const cluster = kafka.createCluster();
await cluster.connect();
const { controllerId } = await cluster.sendRequest(API.METADATA, {
  allowTopicAutoCreation: false,
  includeTopicAuthorizedOperations: false,
  topics: [],
});
await cluster.sendRequestToNode(controllerId)(API.CREATE_TOPICS, {
  validateOnly: false,
  timeoutMs: 10_000,
  topics: [{ name: topic, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
});
const producer = kafka.createProducer({});
const headers = { h: 'x' };
await producer.send([
  { topic, key: 'k', value: 'first', headers },
  { topic, key: null, value: 'second' },
]);
await new Promise((resolve, reject) => {
  const onBatch = (messages) => messages.length > 0 && setTimeout(resolve, 500);
  kafka
    .startConsumer({ groupId: `${topic}-group`, topics: [topic], fromBeginning: true, fromTimestamp: -2n, onBatch })
    .catch(reject);
});
await cluster.sendRequestToNode(controllerId)(API.DELETE_TOPICS, {
  topics: [{ name: topic, topicId: null }],
  timeoutMs: 10_000,
});
process.exit();
