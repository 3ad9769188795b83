// @platformatic/kafka: acks all; not idempotent, which is its default. Floods go through its stream, which makes batches;
// it reads by the record only.
import { once } from 'node:events';

const MOST_IN_BATCH = 1000;

export async function openPlatformatic(bootstrap) {
  const { Consumer, ProduceAcks, Producer } = await import('@platformatic/kafka');
  const common = { clientId: 'bench', bootstrapBrokers: [bootstrap] };
  const consume = async (topic, mode, use) => {
    const consumer = new Consumer({ ...common, groupId: `bench-${process.pid}`, autocommit: false });
    const stream = await consumer.consume({ topics: [topic], mode, autocommit: false });
    stream.on('data', ({ value }) => use(value));
    return async () => {
      await stream.close();
      await consumer.close(true);
    };
  };
  return {
    module: import.meta.resolve('@platformatic/kafka'),
    record(bytes) {
      const value = Buffer.alloc(bytes, 'x');
      return () => ({ value });
    },
    recordOf: (text) => ({ value: Buffer.from(text) }),

    async producer() {
      const producer = new Producer(common);
      const acks = ProduceAcks.ALL;
      return {
        one: (topic, record) => producer.send({ messages: [{ topic, ...record }], acks }),
        many(topic, messages) {
          for (const message of messages) message.topic = topic;
          return producer.send({ messages, acks });
        },
        flood(topic, mostOpen) {
          const stream = producer.asStream({ acks, batchSize: MOST_IN_BATCH, highWaterMark: mostOpen });
          return {
            put: (record) => (stream.write({ topic, ...record }) ? null : once(stream, 'drain')),
            end: () => stream.close(),
          };
        },
        close: () => producer.close(),
      };
    },

    drain: {
      record: (topic, { one }) => consume(topic, 'earliest', one),
    },

    live: (topic, text) => consume(topic, 'latest', (value) => text(value.toString())),

    close: async () => {},
  };
}
