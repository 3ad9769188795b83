// Ours, as built: of this checkout, or of another one (`before`). Idempotent, acks all, which is its default.
import { pathToFileURL } from 'node:url';

export async function openHopwire(bootstrap, dist) {
  const module = pathToFileURL(`${dist}/index.js`).href;
  const { createClient } = await import(module);
  let failed = null;
  const onEvent = (event) => {
    if (event.type === 'batch' && (event.outcome === 'failed' || event.outcome === 'unknown')) failed = event.error;
  };
  const kafka = createClient({ brokers: [bootstrap], clientId: 'bench', onEvent });
  const fail = () => {
    if (failed) throw failed;
  };
  return {
    module,
    record(bytes) {
      const value = Buffer.alloc(bytes, 'x');
      return () => ({ value });
    },
    recordOf: (text) => ({ value: text }),

    producer: async () => producerOf(kafka.producer(), fail),

    drain: {
      async record(topic, { one, failed: reject }) {
        const consumer = fromBeginning(kafka, topic);
        const loop = (async () => {
          for await (const record of consumer) one(record.value);
        })().catch(reject);
        return () => consumer.close().then(() => loop);
      },
      async batch(topic, { one, failed: reject }) {
        const consumer = fromBeginning(kafka, topic);
        const loop = (async () => {
          for await (const batch of consumer.batches()) for (const record of batch) one(record.value);
        })().catch(reject);
        return () => consumer.close().then(() => loop);
      },
    },

    async live(topic, text) {
      const consumer = kafka.consumer({ groupId: `bench-${process.pid}`, topics: [topic] });
      const loop = (async () => {
        for await (const record of consumer) text(record.text());
      })();
      await consumer.whenAssigned();
      return () => consumer.close().then(() => loop);
    },

    close: () => kafka.close(),
  };
}

/** In a group, as the others, and without commits. */
function fromBeginning(kafka, topic) {
  return kafka.consumer({
    groupId: `bench-${process.pid}`,
    topics: [topic],
    startAt: 'earliest',
    commit: 'manual',
  });
}

function producerOf(producer, fail) {
  return {
    one: (topic, record) => producer.send({ topic, ...record }),
    many: (topic, messages) => producer.send({ topic, messages }),
    // Its buffer is bounded in bytes; `enqueue` says when it is full.
    flood: (topic) => ({
      put(record) {
        const whole = { topic, ...record };
        return producer.enqueue(whole) ? null : queued(producer, whole);
      },
      end: () => producer.flush().then(fail),
    }),
    close: () => producer.close(),
  };
}

async function queued(producer, record) {
  do await producer.ready();
  while (!producer.enqueue(record));
}
