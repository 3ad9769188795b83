// Commits that are put off: the log says so while it goes on, again and again, and when it is over.
import { Errors, OffsetCommit } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it, vi } from 'vitest';
import { createClient } from '../kafka.ts';
import { Loop, quiet } from '../testing/loop.ts';

it.each([
  ['refused for a while', Errors.NOT_COORDINATOR],
  ['refused for good', Errors.INVALID_COMMIT_OFFSET_SIZE],
])('commits that are %s', async (_, errorCode) => {
  await using broker = await TestBroker.start({ topics: { t: 1 } });
  broker.append('t', [{ value: 'a' }]);
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  await using kafka = createClient({ brokers: broker.bootstrap, logger: { ...quiet, info: say, warn: say } });
  broker.on(OffsetCommit, { errorCode }, { always: true });
  const consumer = kafka.consumer({ groupId: 'g', topics: ['t'], startAt: 'earliest', commitIntervalMs: 50 });
  const loop = new Loop(consumer);
  await loop.saw(1);
  await vi.waitFor(() => expect(lines.join()).toMatch(/group g: what is done is not committed.*OffsetCommit/), 8_000);
  broker.off();
  await vi.waitFor(() => expect(lines.join()).toMatch(/not committed.*: this is over, after \d+ s/), 8_000);
  expect(lines).toHaveLength(2);
  await consumer.close();
});
