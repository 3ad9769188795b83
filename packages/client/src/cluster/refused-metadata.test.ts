// A cluster that refuses metadata, or knows nothing of the topics, is asked again with growing pauses, however many call.
import { Errors, Metadata, type MetadataResponse } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { createClient } from '../kafka.ts';
import { quiet } from '../testing/loop.ts';

const COUNTED_MS = 1_000;
/** A second; the first questions may come one after the other. */
const MOST = 20;
const CALLERS = 5;

it.each<[string, (answer: MetadataResponse) => MetadataResponse]>([
  ['an error of the whole answer', (answer) => ({ ...answer, errorCode: Errors.COORDINATOR_NOT_AVAILABLE })],
  ['REBOOTSTRAP_REQUIRED', (answer) => ({ ...answer, errorCode: Errors.REBOOTSTRAP_REQUIRED })],
  ['a code nobody knows', (answer) => ({ ...answer, errorCode: 32_767 })],
  ['topics of other names', (answer) => ({ ...answer, topics: answer.topics.map((one) => ({ ...one, name: '-1' })) })],
  ['no topics', (answer) => ({ ...answer, topics: [] })],
])('that is %s', async (_what, change) => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  const admin = kafka.admin();
  let requests = 0;
  const lie = (): { change(answer: MetadataResponse): MetadataResponse } => {
    requests++;
    return { change };
  };
  broker.on(Metadata, lie, { always: true });
  const over = AbortSignal.timeout(COUNTED_MS);
  const callers = Array.from({ length: CALLERS }, async (_, index) => {
    while (!over.aborted) await admin.describeTopics([`t${index}`], { timeoutMs: 250 }).catch(() => pause(50));
  });
  await Promise.all(callers);
  expect(requests).toBeGreaterThan(0);
  expect(requests).toBeLessThanOrEqual(MOST);
  broker.off(Metadata);
  expect((await admin.describeTopics(['orders'])).get('orders')).toHaveProperty('ok');
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
