// A signal that only the call itself has (`{ signal: AbortSignal.timeout(ms) }`) ends it, whatever the garbage collector does.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CreateTopics, DeleteTopics, FindCoordinator, Metadata } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { createClient, type Kafka } from './kafka.ts';
import { quiet } from './testing/loop.ts';
import { runAgainAfterStalls } from './testing/stalls.ts';

runAgainAfterStalls();

const LATER_MS = 200;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const record = { topic: 't', value: 'x' };
const calls: Record<string, (kafka: Kafka, signal: AbortSignal) => Promise<unknown>> = {
  'admin.listTopics': (kafka, signal) => kafka.admin().listTopics({ signal }),
  'admin.describeTopics': (kafka, signal) => kafka.admin().describeTopics(['t'], { signal }),
  'admin.createTopics': (kafka, signal) => kafka.admin().createTopics([{ topic: 'u' }], { signal }),
  'admin.deleteTopics': (kafka, signal) => kafka.admin().deleteTopics(['t'], { signal }),
  'kafka.connect': (kafka, signal) => kafka.connect({ signal }),
  'kafka.request': (kafka, signal) =>
    kafka.request(FindCoordinator, { keyType: 0, coordinatorKeys: ['g'] }, { signal }),
  'producer.send': (kafka, signal) => kafka.producer().send(record, { signal }),
  'producer.send of a list': (kafka, signal) =>
    kafka.producer().send({ topic: 't', messages: [{ value: 'x' }] }, { signal }),
  'producer.partitionsFor': (kafka, signal) => kafka.producer().partitionsFor('t', { signal }),
  'producer.flush': (kafka, signal) => {
    const producer = kafka.producer();
    producer.enqueue(record);
    return producer.flush({ signal });
  },
  'consumer.whenAssigned': (kafka, signal) => kafka.consumer({ topics: ['t'] }).whenAssigned({ signal }),
  'consumer.assign': (kafka, signal) =>
    kafka.consumer({}).assign([{ topic: 't', partition: 0, offset: 'earliest' }], { signal }),
  'consumer.committed': (kafka, signal) =>
    kafka.consumer({ groupId: 'g' }).committed([{ topic: 't', partition: 0 }], { signal }),
  'consumer.commit': (kafka, signal) =>
    kafka.consumer({ groupId: 'g' }).commit([{ topic: 't', partition: 0, offset: 0n }], { signal }),
};

/** Rejects in time, while the garbage collector is at work. */
async function endsInTime(kafka: Kafka, call: (kafka: Kafka, signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const collecting = setInterval(collect, 20);
  const startedAt = performance.now();
  await expect(call(kafka, AbortSignal.timeout(LATER_MS))).rejects.toMatchObject({ name: 'TimeoutError' });
  clearInterval(collecting);
  expect(performance.now() - startedAt).toBeLessThan(LATER_MS + 500);
  await kafka.close({ timeoutMs: 100 });
}

it.each(Object.entries(calls))('%s, while it connects', async (_, call) => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await endsInTime(createClient({ brokers: `127.0.0.1:${port}`, logger: quiet }), call);
  for (const socket of sockets) socket.destroy();
  server.close();
});

const connected = Object.entries(calls).filter(([name]) => name !== 'kafka.connect');

it.each(connected)('%s, while its request is not answered', async (_, call) => {
  await using broker = await TestBroker.start({ topics: { t: 1 } });
  const kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  await kafka.connect();
  const always = { always: true };
  broker.on(Metadata, 'swallow', always);
  broker.on(FindCoordinator, 'swallow', always);
  broker.on(CreateTopics, 'swallow', always);
  broker.on(DeleteTopics, 'swallow', always);
  await endsInTime(kafka, call);
});
