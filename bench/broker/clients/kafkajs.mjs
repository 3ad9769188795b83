// kafkajs: acks all, which is its default; not idempotent, which it calls experimental.
import kafkajs from 'kafkajs';
import { openPromises } from './open-promises.mjs';

export async function openKafkajs(bootstrap) {
  const kafka = new kafkajs.Kafka({ clientId: 'bench', brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING });
  const consume = async (topic, groupId, fromBeginning, handlers, failed) => {
    const consumer = kafka.consumer({ groupId });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    consumer.run({ autoCommit: false, ...handlers }).catch(failed);
    await joined;
    return () => consumer.disconnect();
  };
  return {
    module: import.meta.resolve('kafkajs'),
    record(bytes) {
      const value = Buffer.alloc(bytes, 'x');
      return () => ({ value });
    },
    recordOf: (text) => ({ value: text }),

    async producer() {
      const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
      await producer.connect();
      const one = (topic, record) => producer.send({ topic, messages: [record] });
      return {
        one,
        many: (topic, messages) => producer.send({ topic, messages }),
        flood: (topic, mostOpen) => openPromises((record) => one(topic, record), mostOpen),
        close: () => producer.disconnect(),
      };
    },

    drain: {
      record: (topic, { one, failed }) =>
        consume(
          topic,
          `bench-${process.pid}`,
          true,
          { eachMessage: async ({ message }) => one(message.value) },
          failed,
        ),
      batch: (topic, { one, failed }) =>
        consume(
          topic,
          `bench-${process.pid}`,
          true,
          {
            eachBatch: async ({ batch: { messages } }) => {
              for (const { value } of messages) one(value);
            },
          },
          failed,
        ),
    },

    live: (topic, text) =>
      consume(
        topic,
        `bench-${process.pid}`,
        false,
        { eachMessage: async ({ message }) => text(message.value.toString()) },
        (error) => {
          throw error;
        },
      ),

    close: async () => {},
  };
}
