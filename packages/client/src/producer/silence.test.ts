// Whoever waits sees in the log why.
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { createClient } from '../kafka.ts';
import { quiet } from '../testing/loop.ts';

it('a topic that is not there is named once, and again when it is', async () => {
  await using broker = await TestBroker.start({ autoCreateTopics: false });
  const [warned, told]: [string[], string[]] = [[], []];
  const logger = {
    ...quiet,
    warn: (line: string) => void warned.push(line),
    info: (line: string) => void told.push(line),
  };
  await using kafka = createClient({ brokers: broker.bootstrap, logger });
  const producer = kafka.producer();
  await expect(producer.send({ topic: 'orders', value: 'a' }, { timeoutMs: 2_000 })).rejects.toThrow();
  expect(warned).toEqual([expect.stringMatching(/^records of topic orders wait: .*no such topic/)]);
  const late = producer.send({ topic: 'orders', value: 'b' });
  broker.createTopic('orders');
  await late;
  expect(told).toEqual([expect.stringMatching(/^records of topic orders wait: this is over, after \d s/)]);
});
