// Nothing that was fetched, answered or committed for an old place is delivered or moves the position.
import { Errors, Fetch, type FetchRequest, Heartbeat, ListOffsets, OffsetCommit, ZERO_UUID } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaEvent, ResetEvent } from '../events.ts';
import { createClient, type Kafka } from '../kafka.ts';
import { gate, Loop, quiet } from '../testing/loop.ts';

let broker: TestBroker;
let kafka: Kafka;
let resets: ResetEvent[];

beforeEach(async () => {
  resets = [];
  const onEvent = (event: KafkaEvent): void => {
    if (event.type === 'reset') resets.push(event);
  };
  broker = await TestBroker.start({ topics: { t: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet, onEvent });
});

afterEach(async () => {
  await kafka.close();
  await broker.close();
});

const where = { topic: 't', partition: 0 };
const values = (prefix: string, from: number, to: number): { value: string }[] =>
  Array.from({ length: to - from }, (_, i) => ({ value: `${prefix}${from + i}` }));

describe('a log that was cut', () => {
  it('is read again from where the logs part, every record of it, also when more was fetched already', async () => {
    for (const one of values('old', 0, 20)) broker.append('t', [one]);
    const consumer = kafka.consumer({
      assign: [{ ...where, offset: 'earliest' }],
      onOutOfRange: 'earliest',
      maxWaitMs: 20,
    });
    const loop = new Loop(consumer, async () => {
      if (loop.texts.length !== 5) return;
      broker.truncate('t', 0, 3n);
      for (const one of values('new', 3, 40)) broker.append('t', [one]);
      while (resets.length === 0) await new Promise((resolve) => setImmediate(resolve));
    });
    await loop.saw(5 + 37);
    expect(loop.texts).toEqual([...values('old', 0, 5), ...values('new', 3, 40)].map(({ value }) => value));
    expect(resets).toMatchObject([{ from: 5n, to: 3n }]);
  });

  it('above what was handed out costs nothing but a second fetch', async () => {
    for (const one of values('old', 0, 20)) broker.append('t', [one]);
    const consumer = kafka.consumer({ assign: [{ ...where, offset: 'earliest' }], maxWaitMs: 20, limit: 25 });
    const loop = new Loop(consumer, async () => {
      if (loop.texts.length !== 1) return;
      broker.truncate('t', 0, 10n);
      for (const one of values('new', 10, 25)) broker.append('t', [one]);
      let fetches = 0;
      const count = (): 'pass' => {
        fetches++;
        return 'pass';
      };
      broker.on(Fetch, count, { always: true });
      while (fetches < 3) await new Promise((resolve) => setImmediate(resolve));
    });
    await loop.ended;
    expect(loop.failure).toBeNull();
    expect(loop.texts).toEqual([...values('old', 0, 10), ...values('new', 10, 25)].map(({ value }) => value));
    expect(resets).toEqual([]);
  });

  it('need not have what was in hand any more once that is done', async () => {
    for (const one of values('old', 0, 20)) broker.append('t', [one]);
    const assign = [{ ...where, offset: 'earliest' as const }];
    const loop = new Loop(kafka.consumer({ assign, onOutOfRange: 'latest', maxWaitMs: 20 }), async () => {
      if (loop.texts.length > 1) return;
      broker.truncate('t', 0, 10n);
      broker.deleteRecords('t', 0, 1n);
      for (const one of values('new', 10, 12)) broker.append('t', [one]);
      let askedAgain = 0;
      const isAgain = ({ topics }: FetchRequest): boolean => topics[0]?.partitions[0]?.fetchOffset === 0n;
      broker.on(Fetch, 'pass', { always: true, when: (request) => isAgain(request) && ++askedAgain < 0 });
      for (let turns = 0; turns < 50; turns += askedAgain) await new Promise((resolve) => setImmediate(resolve));
    });
    const expected = [...values('old', 0, 10), ...values('new', 10, 12)].map(({ value }) => value);
    expect(await loop.saw(12)).toEqual(expected);
    expect(resets).toEqual([]);
  });

  it.each(['records', 'batches'] as const)(
    'gives once more what was in hand when the body then fails (%s)',
    async (way) => {
      for (const one of values('old', 0, 20)) broker.append('t', [one]);
      const assign = [{ ...where, offset: 'earliest' as const }];
      const consumer = kafka.consumer({ assign, onOutOfRange: 'earliest', maxWaitMs: 20 });
      const seen: (string | null)[] = [];
      const once = async (): Promise<void> => {
        const stop = new Error('the body fails');
        if (way === 'records') {
          for await (const record of consumer) {
            seen.push(record.text());
            await cut();
            throw stop;
          }
        }
        for await (const batch of consumer.batches()) {
          for (const record of batch) seen.push(record.text());
          await cut();
          throw stop;
        }
      };
      const cut = async (): Promise<void> => {
        broker.truncate('t', 0, 10n);
        for (const one of values('new', 10, 12)) broker.append('t', [one]);
        let fetches = 0;
        broker.on(Fetch, 'pass', { always: true, when: () => ++fetches < 0 });
        while (fetches < 4) await new Promise((resolve) => setImmediate(resolve));
      };
      await expect(once()).rejects.toThrow('the body fails');
      const again = new Loop(consumer);
      const expected = [...values('old', 0, 10), ...values('new', 10, 12)].map(({ value }) => value);
      expect(await again.saw(12)).toEqual(expected);
      expect(seen).toContain('old0');
    },
  );
});

describe('a topic that was deleted and made anew', () => {
  it.each([true, false])('is read from its beginning, and an event says so (topic ids: %s)', async (hasIds) => {
    const maxVersions = hasIds ? {} : { Metadata: 9, Fetch: 12 };
    await using own = await TestBroker.start({ topics: { t: 1 }, maxVersions });
    for (let i = 0; i < 4; i++) own.moveLeader('t', 0, 1);
    const client = createClient({
      brokers: own.bootstrap,
      retryBackoffMs: 10,
      logger: quiet,
      onEvent: (event) => event.type === 'reset' && resets.push(event),
    });
    own.append('t', values('old', 0, 10));
    const assign = [{ ...where, offset: 'earliest' as const }];
    const loop = new Loop(client.consumer({ assign, onOutOfRange: 'earliest', maxWaitMs: 20 }));
    await loop.saw(10);
    own.recreateTopic('t');
    own.append('t', values('new', 0, 25));
    await loop.saw(35);
    expect(loop.texts.slice(10)).toEqual(values('new', 0, 25).map(({ value }) => value));
    expect(resets).toMatchObject([{ from: 10n, to: 0n }]);
    await client.close();
  });

  it('is read from its beginning by a reader of whole topics, and an event says so', async () => {
    broker.append('t', values('old', 0, 10));
    const consumer = kafka.consumer({ topics: ['t'], startAt: 'earliest', onOutOfRange: 'earliest', maxWaitMs: 20 });
    const loop = new Loop(consumer);
    await loop.saw(10);
    broker.recreateTopic('t');
    broker.append('t', values('new', 0, 3));
    expect((await loop.saw(13)).slice(10)).toEqual(['new0', 'new1', 'new2']);
    expect(resets).toMatchObject([{ from: 10n, to: 0n }]);
  });

  it('is told also when the number of the position stays the same', async () => {
    broker.append('t', values('old', 0, 3));
    const assign = [{ ...where, offset: 'earliest' as const }];
    const consumer = kafka.consumer({ assign, onOutOfRange: 'earliest', maxWaitMs: 20 });
    for await (const record of consumer) if (record.offset === 0n) break;
    broker.recreateTopic('t');
    broker.append('t', values('new', 0, 3));
    await kafka.admin().describeTopics(['t']);
    await expect.poll(() => resets).toMatchObject([{ from: 0n, to: 0n }]);
    expect(await new Loop(consumer).saw(3)).toEqual(['new0', 'new1', 'new2']);
  });

  it.each([
    ['partitions', { assign: [{ ...where, offset: 'earliest' as const }] }],
    ['whole topics', { topics: ['t'], startAt: 'earliest' as const }],
  ])('is an error where no policy says how to go on, to a reader of %s', async (_what, options) => {
    broker.append('t', values('old', 0, 3));
    const consumer = kafka.consumer({ ...options, maxWaitMs: 20 });
    const loop = new Loop(consumer);
    await loop.saw(3);
    broker.recreateTopic('t');
    broker.append('t', values('new', 0, 2));
    await loop.ended;
    expect(loop.failure).toMatchObject({ code: 'TOPIC_RECREATED', topic: 't', position: 3n });
    expect(await new Loop(consumer).saw(2)).toEqual(['new0', 'new1']);
  });
});

describe('a commit in a topic that was made anew', () => {
  it.each([
    ['of another epoch is of the new topic, whatever its number', 0, ['new3', 'new4']],
    ['of the epoch and number that was committed in the old one is of the old one', 2, ['new0', 'new1']],
  ])('%s', async (_rule, committedLeaderEpoch, expected) => {
    for (let i = 0; i < 2; i++) broker.moveLeader('t', 0, 1);
    broker.append('t', values('old', 0, 3));
    const assign = [{ ...where, offset: 'earliest' as const }];
    const consumer = kafka.consumer({ groupId: 'g', assign, startAt: 'earliest', maxWaitMs: 20 });
    const loop = new Loop(consumer);
    await loop.saw(3);
    await expect.poll(() => consumer.commit().then(() => consumer.committed([where]))).toMatchObject([{ offset: 3n }]);
    await consumer.assign([]);
    broker.recreateTopic('t');
    broker.append('t', values('new', 0, 5));
    const partition = { partitionIndex: 0, committedOffset: 3n, committedLeaderEpoch, commitTimestamp: -1n };
    const topics = [{ name: 't', topicId: ZERO_UUID, partitions: [{ ...partition, committedMetadata: null }] }];
    const nobody = { generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null, retentionTimeMs: -1n };
    await kafka.request(OffsetCommit, { groupId: 'g', ...nobody, topics }, { version: 9 });
    await kafka.admin().describeTopics(['t']);
    await consumer.assign([{ ...where, offset: 'committed' }]);
    expect((await loop.saw(5)).slice(3, 5)).toEqual(expected);
  });
});

describe('an offset that the log does not have', () => {
  it('is an error that names the range that there is', async () => {
    broker.append('t', values('v', 0, 10));
    broker.deleteRecords('t', 0, 4n);
    const loop = new Loop(kafka.consumer({ assign: [{ ...where, offset: 2n }] }));
    await loop.ended;
    expect(loop.failure).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE', position: 2n, logStart: 4n, logEnd: 10n });
    expect(loop.failure?.message).toContain('outside 4..10');
  });
});

describe('a commit', () => {
  it('that is answered after a seek says nothing about the new place', async () => {
    broker.append('t', values('v', 0, 10));
    const consumer = kafka.consumer({ groupId: 'g', commit: 'manual', assign: [{ ...where, offset: 'earliest' }] });
    let open = (): void => undefined;
    const holdUntil = new Promise<void>((resolve) => {
      open = resolve;
    });
    for await (const record of consumer) {
      if (record.offset < 5n) continue;
      broker.on(OffsetCommit, { holdUntil });
      const late = consumer.commit();
      await consumer.seek({ ...where, offset: 2n });
      open();
      await late;
      await consumer.commit();
      break;
    }
    expect(broker.committed('g', 't')).toBe(2n);
  });

  it('that was refused before the log was cut says nothing about what took its place', async () => {
    for (const one of values('old', 0, 6)) broker.append('t', [one]);
    const { opened: lost, open: onLost } = gate();
    const consumer = kafka.consumer({
      groupId: 'g',
      onLost,
      sessionTimeoutMs: 600,
      topics: ['t'],
      startAt: 'earliest',
      onOutOfRange: 'earliest',
      commitIntervalMs: 20,
      heartbeatIntervalMs: 50,
      maxWaitMs: 20,
    });
    let refusals = 0;
    const count = (): boolean => ++refusals > 0;
    broker.on(OffsetCommit, { errorCode: Errors.REBALANCE_IN_PROGRESS }, { always: true, when: count });
    const loop = new Loop(consumer);
    await loop.saw(6);
    const before = refusals;
    await expect.poll(() => refusals).toBeGreaterThan(before + 1);
    broker.truncate('t', 0, 3n);
    broker.append('t', values('new', 3, 4));
    expect((await loop.saw(7)).at(-1)).toBe('new3');
    broker.on(Heartbeat, { errorCode: Errors.UNKNOWN_MEMBER_ID });
    await lost;
    for (const one of values('new', 4, 9)) broker.append('t', [one]);
    expect((await loop.saw(12)).slice(7)).toEqual(['new4', 'new5', 'new6', 'new7', 'new8']);
    await consumer.close({ timeoutMs: 300 });
  });

  it('after a seek commits where it went', async () => {
    const consumer = kafka.consumer({ groupId: 'g', commit: 'manual', assign: [{ ...where, offset: 'earliest' }] });
    broker.append('t', values('v', 0, 10));
    await consumer.seek({ ...where, offset: 7n });
    await consumer.commit();
    expect(broker.committed('g', 't')).toBe(7n);
  });
});

describe("until: 'end'", () => {
  const assigned = { assign: [{ ...where, offset: 'earliest' as const }] };
  const wholeTopics = { topics: ['t'], startAt: 'earliest' as const };

  it.each([
    ['partitions', assigned],
    ['whole topics', wholeTopics],
  ])('ends where a topic ends that was made anew and has less, for a reader of %s', async (_what, options) => {
    broker.append('t', values('old', 0, 10));
    const consumer = kafka.consumer({ ...options, onOutOfRange: 'earliest', maxWaitMs: 20, until: 'end' });
    const loop = new Loop(consumer, async () => {
      if (loop.texts.length !== 1) return;
      broker.recreateTopic('t');
      broker.append('t', values('new', 0, 2));
      await kafka.admin().describeTopics(['t']);
    });
    await loop.ended;
    expect([loop.failure, loop.texts]).toEqual([null, ['old0', 'new0', 'new1']]);
  });

  it.each([
    ['below the position', 1n, ['new1', 'new2']],
    ['above the position', 4n, ['old1', 'old2', 'old3', 'new4', 'new5']],
  ])('ends where a log ends that was cut %s', async (_where, from, rest) => {
    for (const one of values('old', 0, 10)) broker.append('t', [one]);
    const policy = { onOutOfRange: 'earliest', maxWaitMs: 20, maxBytes: 1, prefetchBytes: 1 } as const;
    const consumer = kafka.consumer({ ...assigned, ...policy, until: 'end' });
    const loop = new Loop(consumer, () => {
      if (loop.texts.length !== 1) return;
      broker.truncate('t', 0, from);
      for (const one of values('new', Number(from), Number(from) + 2)) broker.append('t', [one]);
    });
    await loop.ended;
    expect([loop.failure, loop.texts]).toEqual([null, ['old0', ...rest]]);
  });

  it('ends although the first look-up of one partition failed, and reads nothing beyond the ends', async () => {
    await using own = await TestBroker.start({ topics: { t: 3 } });
    await using client = createClient({ brokers: own.bootstrap, retryBackoffMs: 10, logger: quiet });
    for (const partition of [0, 1, 2]) own.append('t', [{ value: `old${partition}` }], partition);
    own.on(ListOffsets, (request) => {
      const topics = request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: partitionIndex === 1 ? Errors.NOT_LEADER_OR_FOLLOWER : 0,
          oldStyleOffsets: [],
          timestamp: -1n,
          offset: 0n,
          leaderEpoch: 0,
        })),
      }));
      return { answer: { throttleTimeMs: 0, topics } };
    });
    const loop = new Loop(client.consumer({ topics: ['t'], startAt: 'earliest', until: 'end' }), () => {
      own.append('t', [{ value: 'late' }], 2);
    });
    await loop.ended;
    expect([...loop.texts].sort()).toEqual(['old0', 'old1', 'old2']);
  });
});

describe('lag', () => {
  it('is 0 where nothing is left, also for partitions that an incremental answer leaves out', async () => {
    await using own = await TestBroker.start({ topics: { t: 2 } });
    await using client = createClient({ brokers: own.bootstrap, logger: quiet });
    own.append('t', [{ value: 'a' }], 0);
    const consumer = client.consumer({ topics: ['t'], startAt: 'earliest', maxWaitMs: 10 });
    const loop = new Loop(consumer);
    await loop.saw(1);
    own.append('t', [{ value: 'b' }], 0);
    await loop.saw(2);
    expect([0, 1].map((partition) => consumer.lag({ topic: 't', partition }))).toEqual([0n, 0n]);
  });
});
