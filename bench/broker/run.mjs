// A rough rate for producing and consuming beside kafkajs, in one run against one broker, rounds in turn.
//
//   (cd bench && npm install) && node bench/broker/run.mjs 127.0.0.1:9092 [rounds]
//
// hopwire is taken as built (pnpm build). Ratios count, not single figures.
import { performance } from 'node:perf_hooks';
import kafkajs from 'kafkajs';
import { createClient } from '../../packages/client/dist/index.js';

const bootstrap = process.argv[2] ?? '127.0.0.1:9092';
const rounds = Number(process.argv[3] ?? 3);
const VALUE = Buffer.alloc(100, 'x');
const BATCH = 1000;
const BATCHES = 200;
const PARTITIONS = 10;

async function timed(count, work) {
  const start = performance.now();
  await work();
  return Math.round(count / ((performance.now() - start) / 1000));
}

const messages = Array.from({ length: BATCH }, (_, i) => ({ value: VALUE, partition: i % PARTITIONS }));

const clients = {
  async hopwire(topic) {
    const kafka = createClient({ brokers: [bootstrap] });
    const producer = kafka.producer();
    await producer.send({ topic, messages });
    const produced = await timed(BATCH * BATCHES, async () => {
      for (let i = 0; i < BATCHES; i++) await producer.send({ topic, messages });
    });
    await producer.close();
    const expected = BATCH * (BATCHES + 1);
    const perRecord = await timed(expected, async () => {
      const consumer = kafka.consumer({ topics: [topic], startAt: 'earliest', until: 'end' });
      let bytes = 0;
      for await (const record of consumer) bytes += record.value.length;
      if (bytes !== expected * VALUE.length) throw new Error(`read ${bytes} bytes`);
      await consumer.close();
    });
    const perBatch = await timed(expected, async () => {
      const consumer = kafka.consumer({ topics: [topic], startAt: 'earliest', until: 'end' });
      let bytes = 0;
      for await (const batch of consumer.batches()) for (const record of batch) bytes += record.value.length;
      if (bytes !== expected * VALUE.length) throw new Error(`read ${bytes} bytes`);
      await consumer.close();
    });
    await kafka.close();
    return { produced, perRecord, perBatch };
  },
  async kafkajs(topic) {
    const kafka = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages });
    const produced = await timed(BATCH * BATCHES, async () => {
      for (let i = 0; i < BATCHES; i++) await producer.send({ topic, messages });
    });
    await producer.disconnect();
    const expected = BATCH * (BATCHES + 1);
    const drain = (handlers) =>
      timed(expected, async () => {
        const consumer = kafka.consumer({ groupId: `bench-${Math.random()}` });
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        let count = 0;
        await new Promise((resolve, reject) => {
          const add = (n) => {
            count += n;
            if (count >= expected) resolve();
          };
          consumer.run(handlers(add)).catch(reject);
        });
        await consumer.disconnect();
      });
    const perRecord = await drain((add) => ({ eachMessage: async ({ message }) => add(message.value.length ? 1 : 0) }));
    const perBatch = await drain((add) => ({ eachBatch: async ({ batch }) => add(batch.messages.length) }));
    return { produced, perRecord, perBatch };
  },
};

const admin = createClient({ brokers: [bootstrap] });
const results = { hopwire: [], kafkajs: [] };
for (let round = 0; round < rounds; round++) {
  for (const [name, run] of Object.entries(clients)) {
    const topic = `bench-${name}-${round}-${Date.now()}`;
    await admin.admin().createTopics([{ topic, partitions: PARTITIONS }]);
    results[name].push(await run(topic));
  }
}
await admin.close();

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
for (const figure of ['produced', 'perRecord', 'perBatch']) {
  const [ours, theirs] = [results.hopwire, results.kafkajs].map((rows) => median(rows.map((row) => row[figure])));
  console.log(
    `${figure.padEnd(10)} hopwire ${ours} records/s, kafkajs ${theirs} records/s, ratio ${(ours / theirs).toFixed(2)}`,
  );
}
