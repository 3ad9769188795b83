// A broker that takes requests and says nothing: whose time is up learns which broker it was.
import { CreateTopics, ListOffsets, Metadata, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import type { Kafka } from './kafka.ts';
import { createClient } from './kafka.ts';
import { quiet } from './testing/loop.ts';

const calls: [string, (kafka: Kafka) => Promise<unknown>][] = [
  ['send', (kafka) => kafka.producer().send({ topic: 't', value: 'x' }, { timeoutMs: 1_500 })],
  [
    'send, by deliveryTimeoutMs',
    (kafka) => kafka.producer({ deliveryTimeoutMs: 1_500 }).send({ topic: 't', value: 'x' }),
  ],
  ['createTopics', (kafka) => kafka.admin().createTopics([{ topic: 'u' }], { timeoutMs: 1_500 })],
  [
    'listOffsets',
    (kafka) => kafka.admin().listOffsets([{ topic: 't', partition: 0, at: 'latest' }], { timeoutMs: 1_500 }),
  ],
];

it.each(calls)('%s names the broker that does not answer', async (_, call) => {
  await using broker = await TestBroker.start({ topics: { t: 1 } });
  await using kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  await kafka.connect();
  const always = { always: true };
  broker.on(Produce, 'swallow', always);
  broker.on(CreateTopics, 'swallow', always);
  broker.on(ListOffsets, 'swallow', always);
  broker.on(Metadata, 'swallow', always);
  await expect(call(kafka)).rejects.toThrow(new RegExp(`${broker.bootstrap}: no answer for 1\\.\\d s`));
  await kafka.close({ timeoutMs: 100 });
});
