// A position that a broker refuses, and that the log has after all, is the same one as before: what was cut below it is told.
import { Errors, Fetch, ListOffsets } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { Loop, quiet } from '../testing/loop.ts';
import type { Consumer } from './consumer.ts';

let broker: TestBroker;
let kafka: Kafka;

const where = { topic: 't', partition: 0 };
const untilTold = { assign: [{ ...where, offset: 'earliest' as const }], maxWaitMs: 20, onOutOfRange: 'none' as const };

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
  append('old', 0, 20);
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 500 });
  await broker.close();
});

function append(prefix: string, from: number, to: number): void {
  for (const value of texts(prefix, from, to)) broker.append('t', [{ value }]);
}

function texts(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `${prefix}${from + i}`);
}

/** Once all is read the position is refused, as by a new leader that is behind. Before the log's range is told, more happens. */
function refused(consumer: Consumer, meanwhile: () => unknown): Loop {
  const loop = new Loop(consumer, () => {
    if (loop.texts.length !== 20) return;
    broker.on(Fetch, { errorCode: Errors.OFFSET_OUT_OF_RANGE });
    broker.on(ListOffsets, () => ({ holdUntil: Promise.resolve(meanwhile()) }));
  });
  return loop;
}

function cutAndGrow(): void {
  broker.truncate('t', 0, 10n);
  append('new', 10, 40);
}

describe('a log that was cut below a position in doubt', () => {
  it('is an error, not a gap', async () => {
    const loop = refused(kafka.consumer(untilTold), cutAndGrow);
    await loop.ended;
    expect(loop.failure).toMatchObject({ name: 'LogTruncationError', position: 20n, divergingOffset: 10n });
    expect(loop.texts).toEqual(texts('old', 0, 20));
  });

  it('is an error to each loop, until a seek says where to go on', async () => {
    const consumer = kafka.consumer(untilTold);
    const first = refused(consumer, cutAndGrow);
    await first.ended;
    const second = new Loop(consumer);
    await second.ended;
    const third = new Loop(consumer);
    await third.ended;
    const names = [first, second, third].map(({ failure }) => failure?.name);
    expect(names).toEqual(Array(3).fill('LogTruncationError'));
    await consumer.seek({ ...where, offset: 10n });
    expect(await new Loop(consumer).saw(30)).toEqual(texts('new', 10, 40));
  });

  it('is an error that says so when its topic was made anew', async () => {
    const loop = refused(kafka.consumer(untilTold), () => {
      broker.recreateTopic('t');
      append('new', 0, 40);
      return kafka.admin().describeTopics(['t']);
    });
    await loop.ended;
    expect(loop.failure).toMatchObject({ name: 'TopicRecreatedError', position: 20n });
  });
});
