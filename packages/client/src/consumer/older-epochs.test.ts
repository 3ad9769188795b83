// Leader epochs of a topic that was made anew begin at 0: a client that knows those of the former topic finds that out at once.
import { ListOffsets } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { Loop, quiet } from '../testing/loop.ts';

const calls: Record<string, (kafka: Kafka) => Promise<unknown>> = {
  'a reader': (kafka) => new Loop(kafka.consumer({ topics: ['t'], startAt: 'earliest', maxWaitMs: 20 })).saw(1),
  'a reader to the end': (kafka) =>
    new Loop(kafka.consumer({ topics: ['t'], startAt: 'earliest', until: 'end', maxWaitMs: 20 })).saw(1),
  'admin.listOffsets': (kafka) => kafka.admin().listOffsets([{ topic: 't', partition: 0, at: 'latest' }]),
};

it.each(Object.entries(calls))('%s', async (_, call) => {
  await using broker = await TestBroker.start({ topics: { t: 1 } });
  for (let times = 0; times < 4; times++) broker.moveLeader('t', 0, 1);
  await using kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
  await kafka.producer().send({ topic: 't', value: 'old' });
  broker.on(ListOffsets, () => {
    broker.recreateTopic('t');
    broker.append('t', [{ value: 'new' }]);
    return 'pass';
  });
  const startedAt = performance.now();
  await call(kafka);
  expect(performance.now() - startedAt).toBeLessThan(3_000);
  await kafka.close({ timeoutMs: 200 });
});
