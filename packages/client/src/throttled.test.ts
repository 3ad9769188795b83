// A broker that demands an absurd pause: every call keeps its deadline meanwhile, and says what it waited for.
import { apis, Metadata } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { createClient, type Kafka } from './kafka.ts';
import { Loop, quiet } from './testing/loop.ts';
import type { Waiting } from './types.ts';

const TOPIC = 'orders';
const FIRST = { topic: TOPIC, partition: 0 };
const DAYS_MS = 2 ** 31 - 1;
const LIMIT = { timeoutMs: 150 };
/** The machine may be busy; without a deadline it would be minutes. */
const MARGIN_MS = 500;
const NO_TOPICS = {
  topics: [],
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};

function callsOf(kafka: Kafka, nodeId: number): Record<string, (waiting: Waiting) => Promise<unknown>> {
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  const consumer = kafka.consumer({ groupId: 'g', topics: [TOPIC], commit: 'manual', startAt: 'earliest' });
  const loop = new Loop(consumer);
  return {
    'the loop, whose first record comes': () => loop.saw(1),
    send: (waiting) => producer.send({ ...FIRST, value: 'v' }, waiting),
    flush: (waiting) => {
      producer.enqueue({ ...FIRST, value: 'v' });
      return producer.flush(waiting);
    },
    partitionsFor: (waiting) => producer.partitionsFor('another', waiting),
    commit: (waiting) => consumer.commit([{ ...FIRST, offset: 1n }], waiting),
    committed: (waiting) => consumer.committed([FIRST], waiting),
    seek: (waiting) => consumer.seek({ ...FIRST, offset: 'latest' }, waiting),
    listTopics: (waiting) => admin.listTopics(waiting),
    describeTopics: (waiting) => admin.describeTopics([TOPIC], waiting),
    listOffsets: async (waiting) => {
      for (const found of await admin.listOffsets([{ ...FIRST, at: 'latest' }], waiting)) {
        if ('error' in found) throw found.error;
      }
    },
    committedOffsets: (waiting) => admin.committedOffsets('another', waiting),
    createTopics: (waiting) => admin.createTopics([{ topic: 'new' }], waiting),
    deleteTopics: (waiting) => admin.deleteTopics(['another'], waiting),
    request: (waiting) => kafka.request(Metadata, NO_TOPICS, { ...waiting, broker: nodeId }),
    connect: (waiting) => kafka.connect(waiting),
  };
}

/** Milliseconds, and the words of the error. */
async function outcomeOf(call: (waiting: Waiting) => Promise<unknown>): Promise<{ ms: number; words: string }> {
  const began = performance.now();
  const words = await call(LIMIT).then(
    () => 'done',
    (error: unknown) => String(error),
  );
  return { ms: performance.now() - began, words };
}

it('a pause of 24 days: every call ends at its deadline, and names the pause; closing waits no longer', async () => {
  await using broker = await TestBroker.start({ topics: { [TOPIC]: 1 } });
  broker.append(TOPIC, [{ value: 'a' }]);
  const kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  const calls = Object.entries(callsOf(kafka, broker.leaderOf(TOPIC)));
  // Each connection there will be is opened, and told to pause by the last of its answers.
  for (const [, call] of calls) await call({ timeoutMs: 2_000 }).catch(() => undefined);
  for (const api of apis) broker.on(api, { throttleMs: DAYS_MS }, { always: true });
  const tell = (): Promise<unknown> => Promise.allSettled(calls.slice(1).map(([, call]) => call({ timeoutMs: 1_000 })));
  await tell();
  await tell();
  for (const [name, call] of calls.slice(1)) {
    const { ms, words } = await outcomeOf(call);
    expect.soft(`${name}: ${words}`).toMatch(/demands a pause/);
    expect.soft(ms, name).toBeLessThan(LIMIT.timeoutMs + MARGIN_MS);
  }
  const closing = await outcomeOf((waiting) => kafka.close(waiting));
  expect(closing.ms).toBeLessThan(LIMIT.timeoutMs + MARGIN_MS);
});
