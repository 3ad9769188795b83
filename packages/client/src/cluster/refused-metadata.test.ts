// A cluster that refuses metadata, or knows nothing of the topics, is asked again with growing pauses, however many call.
import { Errors, Metadata, type MetadataResponse } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { createClient } from '../kafka.ts';
import { quiet } from '../testing/loop.ts';
import type { Waiting } from '../types.ts';

const COUNTED_MS = 1_000;
/** The first questions may come one after the other. */
const SETTLE_MS = 1_000;
/** A second, then. */
const MOST = 20;
const CALLERS = 5;

it.each<[string, (answer: MetadataResponse) => MetadataResponse]>([
  ['an error of the whole answer', (answer) => ({ ...answer, errorCode: Errors.COORDINATOR_NOT_AVAILABLE })],
  ['REBOOTSTRAP_REQUIRED', (answer) => ({ ...answer, errorCode: Errors.REBOOTSTRAP_REQUIRED })],
  ['a code nobody knows', (answer) => ({ ...answer, errorCode: 32_767 })],
  ['topics of other names', (answer) => ({ ...answer, topics: answer.topics.map((one) => ({ ...one, name: '-1' })) })],
  ['one name for topics of different ids', (answer) => ({ ...answer, topics: answer.topics.map(orders) })],
  ['no topics', (answer) => ({ ...answer, topics: [] })],
])('that is %s', async (_what, change) => {
  await using broker = await TestBroker.start({ topics: { orders: 1, b: 1, c: 1, d: 1, e: 1 } });
  await using kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  const admin = kafka.admin();
  const call = (index: number, waiting: Waiting): Promise<unknown> =>
    index === 0 ? admin.listTopics(waiting) : admin.describeTopics([`t${index}`, 'orders'], waiting);
  const began = performance.now();
  let requests = 0;
  const lie = (): { change(answer: MetadataResponse): MetadataResponse } => {
    const afterMs = performance.now() - began - SETTLE_MS;
    if (afterMs > 0 && afterMs < COUNTED_MS) requests++;
    return { change };
  };
  broker.on(Metadata, lie, { always: true });
  const over = AbortSignal.timeout(SETTLE_MS + COUNTED_MS);
  const callers = Array.from({ length: CALLERS }, async (_, index) => {
    while (!over.aborted) await call(index, { timeoutMs: 250 }).catch(() => pause(50));
  });
  await Promise.all(callers);
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThanOrEqual(MOST);
  broker.off(Metadata);
  expect((await admin.describeTopics(['orders'])).get('orders')).toHaveProperty('ok');
});

function orders<T>(topic: T): T & { name: string } {
  return { ...topic, name: 'orders' };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
