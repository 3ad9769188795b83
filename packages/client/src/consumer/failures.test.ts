// What a user does after something failed: seeks, loops and commits that come next find everything as it was.
import {
  Errors,
  Fetch,
  type FetchRequest,
  Heartbeat,
  JoinGroup,
  ListOffsets,
  OffsetCommit,
  OffsetFetch,
} from '@hopwire/protocol';
import type { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaEvent } from '../events.ts';
import { createClient, type Kafka } from '../kafka.ts';
import type { ConsumerOptions } from '../options.ts';
import { gate, Loop, quiet } from '../testing/loop.ts';
import { inGroup, startWithSixRecords } from '../testing/six-records.ts';
import { clock } from '../util/clock.ts';
import type { Consumer } from './consumer.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  ({ broker, kafka } = await startWithSixRecords());
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 200 });
  await broker.close();
});

const where = { topic: 't', partition: 0 };
/** Reads so many records, and leaves the loop when the last one is done. */
async function read(consumer: Consumer, count: number): Promise<string[]> {
  const texts: string[] = [];
  for await (const record of consumer) {
    texts.push(record.text() ?? '');
    consumer.markDone(record);
    if (texts.length === count) break;
  }
  return texts;
}

describe('a seek that rejects', () => {
  it.each(['its time', 'its signal', 'a refusal'] as const)('leaves the position as it was (%s)', async (why) => {
    const consumer = kafka.consumer({ ...inGroup, commit: 'manual' });
    await read(consumer, 2);
    const stop = new AbortController();
    if (why === 'a refusal') broker.on(ListOffsets, { errorCode: Errors.TOPIC_AUTHORIZATION_FAILED });
    else broker.on(ListOffsets, 'swallow');
    const seek = consumer.seek({ ...where, offset: 'latest' }, { timeoutMs: 200, signal: stop.signal });
    if (why === 'its signal') stop.abort(new RangeError('mine'));
    await expect(seek).rejects.toThrow();
    expect(consumer.position(where)).toBe(2n);
    await consumer.commit();
    expect(broker.committed('g', 't', 0)).toBe(2n);
    expect(await read(consumer, 2)).toEqual(['2', '3']);
  });

  it('does nothing at all when its signal was aborted before', async () => {
    const consumer = kafka.consumer({ ...inGroup, commit: 'manual' });
    await read(consumer, 2);
    for (const offset of ['latest', 5n] as const) {
      const seek = consumer.seek({ ...where, offset }, { signal: AbortSignal.abort(new RangeError('mine')) });
      await expect(seek).rejects.toThrow('mine');
      expect(consumer.position(where)).toBe(2n);
    }
  });

  it('leaves it also when it came while another one was under way that rejects too', async () => {
    const consumer = kafka.consumer({ ...inGroup, commit: 'manual' });
    await read(consumer, 2);
    broker.on(ListOffsets, 'swallow', { always: true });
    const seek = (offset: 'latest' | 'earliest', timeoutMs: number): Promise<void> =>
      consumer.seek({ ...where, offset }, { timeoutMs });
    const both = await Promise.allSettled([seek('latest', 100), seek('earliest', 200)]);
    broker.off(ListOffsets);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(consumer.position(where)).toBe(2n);
    expect(await read(consumer, 2)).toEqual(['2', '3']);
  });

  it('keeps the account of what was in hand meanwhile', async () => {
    const consumer = kafka.consumer({ ...inGroup, commit: 'manual' });
    const { opened, open } = gate();
    const loop = new Loop(consumer, (record) => (record.offset === 1n ? opened : undefined));
    await loop.saw(2);
    broker.on(ListOffsets, 'swallow');
    await expect(consumer.seek({ ...where, offset: 'latest' }, { timeoutMs: 100 })).rejects.toThrow();
    open();
    await loop.saw(6);
    await expect.poll(() => consumer.commit().then(() => broker.committed('g', 't', 0))).toBe(6n);
  });
});

describe('a loop that is entered again at once after an error of a partition', () => {
  it('gets the error again, as long as it is true', async () => {
    const consumer = kafka.consumer({ assign: [{ ...where, offset: 1000n }], maxWaitMs: 20 });
    for (let turn = 0; turn < 5; turn++) await expect(read(consumer, 1)).rejects.toThrow('outside');
  });
});

describe('brokers that do not agree whether an offset is in range', () => {
  it.each(['none', 'earliest'] as const)('are asked with pauses (onOutOfRange: %s)', async (onOutOfRange) => {
    let fetches = 0;
    broker.on(Fetch, { errorCode: Errors.OFFSET_OUT_OF_RANGE }, { always: true, when: () => ++fetches > 0 });
    const loop = new Loop(kafka.consumer({ assign: [{ ...where, offset: 2n }], onOutOfRange, maxWaitMs: 20 }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(fetches).toBeLessThan(60);
    broker.off(Fetch);
    await loop.saw(3);
    expect(loop.failure).toBeUndefined();
  });
});

describe('a commit without offsets', () => {
  it('rejects once when what is done was lost before, and is right again afterwards', async () => {
    const consumer = kafka.consumer({ ...inGroup, commit: 'manual' });
    const { opened, open } = gate();
    const loop: Loop = new Loop(consumer, (record) =>
      record.offset === 3n && loop.texts.length === 4 ? opened : undefined,
    );
    await loop.saw(4);
    const [memberId = ''] = broker.group('g')?.memberIds ?? [];
    broker.on(JoinGroup, { errorCode: Errors.COORDINATOR_LOAD_IN_PROGRESS }, { always: true });
    broker.expireMember('g', memberId);
    await expect.poll(() => consumer.assignment()).toEqual([]);
    await expect(consumer.commit()).rejects.toMatchObject({ code: 'REBALANCE_IN_PROGRESS', topic: 't', partition: 0 });
    expect(broker.committed('g', 't', 0)).toBeNull();
    broker.off(JoinGroup);
    open();
    await expect.poll(() => loop.texts.length).toBeGreaterThanOrEqual(6);
    await expect.poll(() => consumer.commit().then(() => broker.committed('g', 't', 0))).toBe(6n);
  });
});

describe('a hook that takes longer than maxProcessingMs', () => {
  it('is not called again while it is at work, and somebody is told', async () => {
    const warnings: string[] = [];
    const logger = { ...quiet, warn: (text: string) => void warnings.push(text) };
    await using own = createClient({ brokers: broker.bootstrap, logger });
    let [atWork, most, calls] = [0, 0, 0];
    const onAssigned = async (): Promise<void> => {
      calls++;
      most = Math.max(most, ++atWork);
      await new Promise((resolve) => setTimeout(resolve, calls < 3 ? 400 : 0));
      atWork--;
    };
    expect(await read(own.consumer({ ...inGroup, maxProcessingMs: 100, onAssigned }), 1)).toEqual(['0']);
    expect([calls, most]).toEqual([3, 1]);
    expect(warnings.filter((text) => text.includes('onAssigned exceeded maxProcessingMs'))).toHaveLength(2);
    await own.close({ timeoutMs: 200 });
  });
});

describe('an offset that retention took', () => {
  it.each(['auto', 'manual'] as const)('leaves what was done before to be committed (%s)', async (commit) => {
    const consumer = kafka.consumer({ ...inGroup, commit, commitIntervalMs: 60_000 });
    const loop = new Loop(consumer);
    await loop.saw(6);
    for (let i = 6; i < 20; i++) broker.append('t', [{ value: `${i}` }]);
    await loop.saw(20);
    await consumer.seek({ ...where, offset: 8n });
    await loop.saw(32);
    const taken = consumer.seek({ ...where, offset: 12n });
    broker.deleteRecords('t', 0, 15n);
    await taken;
    await loop.ended;
    expect(loop.failure).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', position: 12n, logStart: 15n });
    expect(consumer.position(where)).toBe(12n);
    await consumer.commit();
    expect(broker.committed('g', 't')).toBe(12n);
    await consumer.close();
    const next = new Loop(kafka.consumer(inGroup));
    await next.ended;
    expect(next.failure).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', position: 12n });
  });
});

describe('a consumer that failed for good', () => {
  it('leaves its group: others get what it does not read any more', async () => {
    const failing = kafka.consumer({ ...inGroup, maxProcessingMs: 60_000 });
    await read(failing, 6);
    broker.on(Heartbeat, { errorCode: Errors.GROUP_AUTHORIZATION_FAILED }, { times: 1 });
    const loop = new Loop(failing);
    await loop.ended;
    expect(loop.failure).toMatchObject({ code: 'GROUP_AUTHORIZATION_FAILED' });
    await expect.poll(() => broker.group('g')?.memberIds ?? []).toEqual([]);
  });

  it('also where its own hook ended it', async () => {
    const onAssigned = (): never => {
      throw new RangeError('mine');
    };
    const loop = new Loop(kafka.consumer({ ...inGroup, maxProcessingMs: 60_000, onAssigned }));
    await loop.ended;
    expect(loop.failure).toMatchObject({ message: 'mine' });
    await expect.poll(() => broker.group('g')?.memberIds ?? []).toEqual([]);
  });
});

describe('one refusal', () => {
  it.each([28, 30, 999])('of a commit in the background (%i) ends nothing', async (errorCode) => {
    const consumer = kafka.consumer({ ...inGroup, commitIntervalMs: 20 });
    broker.on(OffsetCommit, { errorCode }, { times: 1 });
    await read(consumer, 6);
    broker.append('t', [{ value: '6' }]);
    expect(await read(consumer, 1)).toEqual(['6']);
    await expect.poll(() => broker.committed('g', 't')).toBe(7n);
    broker.append('t', [{ value: '7' }]);
    expect(await read(consumer, 1)).toEqual(['7']);
    await consumer.close();
  });

  it.each([29, 30, 999])('of what is committed (%i) is told to one loop, and the next one reads', async (errorCode) => {
    broker.on(OffsetFetch, { errorCode }, { times: 1 });
    const consumer = kafka.consumer(inGroup);
    await expect(read(consumer, 6)).rejects.toMatchObject({ errorCode });
    expect(await read(consumer, 6)).toHaveLength(6);
    await consumer.close();
  });

  it('of what is committed of many partitions is told once', async () => {
    broker.createTopic('many', 12);
    broker.append('many', [{ value: 'x' }], 7);
    broker.on(OffsetFetch, { errorCode: Errors.GROUP_AUTHORIZATION_FAILED }, { times: 1 });
    const consumer = kafka.consumer({ ...inGroup, topics: ['many'] });
    await expect(read(consumer, 1)).rejects.toMatchObject({ code: 'GROUP_AUTHORIZATION_FAILED' });
    expect(await read(consumer, 1)).toEqual(['x']);
    await consumer.close();
  });

  it('that lasts is told to each loop, and its partition is read a second after it is over', async () => {
    broker.createTopic('other');
    const denied = { when: (request: FetchRequest) => request.topics.length > 0, always: true };
    broker.on(Fetch, { errorCode: Errors.TOPIC_AUTHORIZATION_FAILED }, denied);
    const consumer = kafka.consumer({ ...inGroup, topics: ['t'] });
    for (let i = 0; i < 2; i++)
      await expect(read(consumer, 6)).rejects.toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' });
    broker.off(Fetch);
    const startedAt = performance.now();
    expect(await read(consumer, 6)).toHaveLength(6);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await consumer.close();
  });
});

describe('a partition that was refused', () => {
  it('is read again when its pause is over, whatever the clock says when its timer fires', async () => {
    const { setTimer } = clock;
    clock.setTimer = (callback, ms) => setTimer(callback, ms >= 9_000 && ms <= 10_000 ? 50 : ms);
    try {
      const own = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
      const consumer = own.consumer(inGroup);
      expect(await read(consumer, 6)).toHaveLength(6);
      broker.on(Fetch, { errorCode: Errors.TOPIC_AUTHORIZATION_FAILED }, { times: 1 });
      broker.append('t', [{ value: '6' }]);
      const refused = new Loop(consumer);
      await refused.ended;
      expect(refused.failure).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED' });
      expect(await read(consumer, 1)).toEqual(['6']);
      await own.close({ timeoutMs: 200 });
    } finally {
      clock.setTimer = setTimer;
    }
  });
});

describe('a topic that was made anew before the consumer was made', () => {
  it('is read from its beginning, whatever the client had known', async () => {
    await read(kafka.consumer({ topics: ['t'], startAt: 'earliest' }), 6);
    broker.recreateTopic('t');
    broker.append('t', [{ value: 'new' }]);
    expect(await read(kafka.consumer({ topics: ['t'], startAt: 'earliest' }), 1)).toEqual(['new']);
    expect(await read(kafka.consumer({ ...inGroup }), 1)).toEqual(['new']);
  });
});

describe('a topic that was made anew while no loop was under way', () => {
  const anew = async (options: ConsumerOptions): Promise<{ consumer: Consumer; events: KafkaEvent[] }> => {
    const events: KafkaEvent[] = [];
    const own = createClient({
      brokers: broker.bootstrap,
      retryBackoffMs: 10,
      logger: quiet,
      onEvent: (event) => events.push(event),
    });
    const consumer = own.consumer({ ...inGroup, ...options, commitIntervalMs: 20 });
    await read(consumer, 6);
    const assigned = (): number =>
      events.filter((event) => event.type === 'rebalance' && event.phase === 'assigned').length;
    broker.recreateTopic('t');
    broker.append('t', [{ value: 'new' }]);
    await own.admin().describeTopics(['t']);
    await expect.poll(assigned).toBe(2);
    return { consumer, events };
  };

  it('is an error of the next loop, as it would have been of one under way', async () => {
    const { consumer } = await anew({});
    await expect(read(consumer, 1)).rejects.toMatchObject({ code: 'TOPIC_RECREATED', position: 6n });
    expect(await read(consumer, 1)).toEqual(['new']);
  });

  it('is said by an event, where a policy says how to go on', async () => {
    const { consumer, events } = await anew({ onOutOfRange: 'earliest' });
    expect(await read(consumer, 1)).toEqual(['new']);
    expect(events.filter((event) => event.type === 'reset')).toMatchObject([{ from: 6n, to: 0n }]);
  });
});

describe('a consumer that is closed without any time', () => {
  it.each([{ timeoutMs: 0 }, { signal: AbortSignal.abort(new RangeError('now')) }])(
    'is out of its group all the same (%j)',
    async (options) => {
      const consumer = kafka.consumer(inGroup);
      const loop = new Loop(consumer);
      await loop.saw(6);
      await consumer.close(options).catch(() => undefined);
      await expect.poll(() => broker.group('g')?.memberIds ?? []).toEqual([]);
      const next = kafka.consumer({ ...inGroup, startAt: 'latest' });
      await next.whenAssigned({ timeoutMs: 2_000 });
    },
  );
});
