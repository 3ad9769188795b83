// kafka-ts: idempotent, acks all, which is its default; batches of up to 1,000 records. It takes and gives strings only,
// and reads by the batch only. It always commits when it is in a group, so the backlog is drained without one.
import { createRequire } from 'node:module';
import { openPromises } from './open-promises.mjs';

const MOST_IN_BATCH = 1000;
const require = createRequire(import.meta.url);

export async function openKafkaTs(bootstrap) {
  const { createKafkaClient, setLogger } = require('kafka-ts');
  const quiet = () => {};
  setLogger({ debug: quiet, info: quiet, warn: quiet, error: quiet });
  const [host, port] = bootstrap.split(':');
  const kafka = createKafkaClient({ clientId: 'bench', bootstrapServers: [{ host, port: Number(port) }] });
  return {
    module: import.meta.resolve('kafka-ts'),
    record(bytes) {
      const value = 'x'.repeat(bytes);
      return () => ({ value });
    },
    recordOf: (text) => ({ value: text }),

    async producer() {
      const producer = kafka.createProducer({ maxBatchSize: MOST_IN_BATCH });
      const one = (topic, record) => producer.send([{ topic, ...record }]);
      return {
        one,
        many(topic, messages) {
          for (const message of messages) message.topic = topic;
          return producer.send(messages);
        },
        flood: (topic, mostOpen) => openPromises((record) => one(topic, record), mostOpen),
        close: () => producer.close(),
      };
    },

    drain: {
      async batch(topic, { one }) {
        const onBatch = (messages) => {
          for (const { value } of messages) one(value);
        };
        const consumer = await kafka.startConsumer({ topics: [topic], fromBeginning: true, onBatch });
        return () => consumer.close();
      },
    },

    async live(topic, text) {
      const onBatch = (messages) => {
        for (const { value } of messages) text(value);
      };
      const consumer = await kafka.startConsumer({ topics: [topic], groupId: `bench-${process.pid}`, onBatch });
      return () => consumer.close();
    },

    close: async () => {},
  };
}
