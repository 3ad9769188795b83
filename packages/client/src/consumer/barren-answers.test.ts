// A broker that answers fetches at once, with nothing that brings a reader on, is not asked without a pause.
import { Fetch, type FetchResponse, type FetchResponsePartition } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { createClient } from '../kafka.ts';
import { Loop, quiet } from '../testing/loop.ts';

const COUNTED_MS = 1_000;
/** A second; the first answers may come one after the other. */
const MOST = 20;

const withPart = (change: Partial<FetchResponsePartition>) => (answer: FetchResponse) => ({
  ...answer,
  responses: answer.responses.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((part) => ({ ...part, ...change })),
  })),
});
const none = Buffer.alloc(0);

it.each<[string, (answer: FetchResponse) => FetchResponse]>([
  ['another partition', withPart({ partitionIndex: 77 })],
  ['no partition', (answer) => ({ ...answer, sessionId: 0, responses: [] })],
  ['another topic', (answer) => ({ ...answer, responses: answer.responses.map((one) => ({ ...one, topicId: ID })) })],
  ['no records', withPart({ records: none })],
  [
    'a log that parted at the position',
    withPart({ divergingEpoch: { epoch: 0, endOffset: 2n ** 62n }, records: none }),
  ],
  ['a log that parted at its beginning', withPart({ divergingEpoch: { epoch: 0, endOffset: 0n }, records: none })],
  ['a replica to read from that does not exist', withPart({ preferredReadReplica: 9, records: none })],
  ['a replica to read from that is the broker itself', withPart({ preferredReadReplica: 0, records: none })],
])('that says something of %s', async (_what, change) => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  broker.append('orders', [{ value: 'a' }, { value: 'b' }]);
  await using kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  const consumer = kafka.consumer({
    topics: ['orders'],
    startAt: 'earliest',
    onOutOfRange: 'earliest',
    maxWaitMs: 300,
  });
  const loop = new Loop(consumer);
  await loop.saw(2);
  let requests = 0;
  const lie = (): { change(answer: FetchResponse): FetchResponse } => {
    requests++;
    return { change };
  };
  broker.on(Fetch, lie, { always: true });
  broker.append('orders', [{ value: 'c' }]);
  await new Promise((resolve) => setTimeout(resolve, COUNTED_MS));
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThanOrEqual(MOST);
  broker.off(Fetch);
  // After a log that was cut some come again.
  while (!loop.texts.includes('c') && loop.failure === undefined) await loop.saw(loop.texts.length + 1);
  expect(loop.failure).toBe(undefined);
  await consumer.close();
});

const ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

it('about the session of somebody else ends the session: the partition is asked for anew', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  broker.append('orders', [{ value: 'a' }]);
  await using kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  const consumer = kafka.consumer({ topics: ['orders'], startAt: 'earliest', maxWaitMs: 300 });
  const loop = new Loop(consumer);
  await loop.saw(1);
  const others = withPart({ partitionIndex: 77, records: none });
  broker.on(Fetch, ({ sessionEpoch }) => (sessionEpoch > 0 ? { change: others } : 'pass'), { always: true });
  broker.append('orders', [{ value: 'b' }]);
  expect(await loop.saw(2)).toEqual(['a', 'b']);
  await consumer.close();
});
