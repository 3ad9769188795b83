// Who has left his loop and commits by hand is told when what he worked through was lost in the meantime.
import { Errors, Heartbeat } from '@hopwire/protocol';
import type { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kafka } from '../kafka.ts';
import type { ConsumerOptions } from '../options.ts';
import { gate, Loop } from '../testing/loop.ts';
import { inGroup, startWithSixRecords } from '../testing/six-records.ts';
import type { TopicPartitionOffset } from '../types.ts';
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

const byHand: ConsumerOptions = { ...inGroup, commit: 'manual', sessionTimeoutMs: 600 };
const threeDone: TopicPartitionOffset[] = [{ topic: 't', partition: 0, offset: 3n }];

async function outcome(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'ok',
    (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
  );
}

/** Commits the first record, works through two more and then leaves, or is made to leave. */
async function workThree(consumer: Consumer, end: 'break' | (() => void)): Promise<void> {
  for await (const record of consumer) {
    consumer.markDone(record);
    if (record.offset === 0n) await consumer.commit();
    if (record.offset !== 2n) continue;
    if (end === 'break') break;
    end();
  }
}

type Lose = (consumerOptions: ConsumerOptions) => Promise<unknown>;

const losses: Record<string, { options: ConsumerOptions; lose: Lose; code: string }> = {
  'its member was thrown out': {
    options: {},
    lose: async () => {
      for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
    },
    code: 'REBALANCE_IN_PROGRESS',
  },
  'its session was over': {
    options: {},
    lose: async () => broker.on(Heartbeat, { errorCode: Errors.UNKNOWN_MEMBER_ID }),
    code: 'REBALANCE_IN_PROGRESS',
  },
  'another consumer has taken its static name': {
    options: { groupInstanceId: 'one' },
    lose: async (options) => {
      const { signal: _, ...rest } = options;
      await kafka.consumer(rest).whenAssigned();
    },
    code: 'FENCED',
  },
};

const ends = ['signal', 'close()'] as const;
const cases = ends.flatMap((end) => Object.keys(losses).map((why) => [end, why] as const));

describe('the last commit after a loop that was ended', () => {
  it.each(cases)('by %s says so when %s, each time', async (end, why) => {
    const loss = losses[why];
    if (!loss) throw new RangeError('no such case');
    const abort = new AbortController();
    const { opened: lost, open } = gate();
    const options = { ...byHand, ...loss.options, signal: abort.signal, onLost: open };
    const consumer = kafka.consumer(options);
    const closed: Promise<void>[] = [];
    const begin = {
      signal: () => abort.abort(),
      'close()': () => void closed.push(consumer.close({ timeoutMs: 5_000 })),
    };
    await workThree(consumer, begin[end]);
    await loss.lose(options);
    await lost;
    await Promise.all(closed);
    await consumer.close();
    const told = [
      await outcome(consumer.commit()),
      await outcome(consumer.commit(threeDone)),
      await outcome(consumer.commit()),
    ];
    expect(told).toEqual([loss.code, loss.code, loss.code]);
    expect(broker.committed('g', 't', 0)).toBe(1n);
  });
});

/** Told by each onAssigned. */
let waiting: (() => void)[] = [];

function assignedAgain(): Promise<void> {
  return new Promise((resolve) => waiting.push(resolve));
}

function tell(): void {
  for (const resolve of waiting.splice(0)) resolve();
}

/** The partition goes and comes back, and nobody else has had it. */
const returns: Record<string, () => Promise<void>> = {
  'its member was thrown out': async () => {
    const isBack = assignedAgain();
    for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
    await isBack;
  },
  'a rebalance took it': async () => {
    const other = kafka.consumer({ ...byHand, topics: ['other'] });
    const isBack = assignedAgain();
    await other.whenAssigned();
    await isBack;
    const isBackAgain = assignedAgain();
    await other.close();
    await isBackAgain;
  },
};

const ways = Object.keys(returns);
const twice = ways.flatMap((one) => ways.map((other) => [one, other] as const));

describe('a commit after a loop that was left', () => {
  beforeEach(() => {
    waiting = [];
    broker.createTopic('other', 1);
  });

  async function leftThen(...reasons: string[]): Promise<Consumer> {
    const consumer = kafka.consumer({ ...byHand, onAssigned: tell });
    await workThree(consumer, 'break');
    for (const reason of reasons) await returns[reason]?.();
    await consumer.whenAssigned();
    return consumer;
  }

  const isTold = async (consumer: Consumer): Promise<void> => {
    expect(await outcome(consumer.commit())).toBe('REBALANCE_IN_PROGRESS');
    expect([await outcome(consumer.commit()), broker.committed('g', 't', 0)]).toEqual(['ok', 1n]);
    expect(await new Loop(consumer).saw(5)).toEqual(['1', '2', '3', '4', '5']);
  };

  it.each(ways)('says once that what was done is lost, although the partition is ours again, when %s', async (why) => {
    await isTold(await leftThen(why));
  });

  it.each(twice)('says so also when %s, and then %s', async (one, other) => {
    await isTold(await leftThen(one, other));
  });

  it.each(ways)('by its offset is refused once, because others may have gone on: %s', async (why) => {
    const consumer = await leftThen(why);
    const refused = consumer.commit(threeDone);
    await expect(refused).rejects.toMatchObject({ code: 'REBALANCE_IN_PROGRESS', message: /assigned anew/ });
    expect(broker.committed('g', 't', 0)).toBe(1n);
    expect([await outcome(consumer.commit(threeDone)), broker.committed('g', 't', 0)]).toEqual(['ok', 3n]);
  });

  it.each(ways)('says nothing of it in the next loop, which is handed the same records again: %s', async (why) => {
    const consumer = await leftThen(why);
    const outcomes: unknown[] = [];
    const loop = new Loop(consumer, async () => void outcomes.push(await outcome(consumer.commit())));
    expect(await loop.saw(5)).toEqual(['1', '2', '3', '4', '5']);
    await expect.poll(() => outcomes).toEqual(Array(5).fill('ok'));
  });

  it.each(ways)('by onAssigned is one of the new assignment: %s', async (why) => {
    const outcomes: unknown[] = [];
    const onAssigned = async (): Promise<void> => {
      outcomes.push(await outcome(consumer.commit(threeDone)));
      tell();
    };
    const consumer = kafka.consumer({ ...byHand, onAssigned });
    for await (const { offset } of consumer) if (offset === 5n) break;
    await returns[why]?.();
    expect(outcomes).toEqual(Array(outcomes.length).fill('ok'));
    expect(outcomes.length).toBeGreaterThan(1);
  });

  it.each(ways)('is good when nothing was done: %s', async (why) => {
    const consumer = kafka.consumer({ ...byHand, onAssigned: tell });
    for await (const _ of consumer) break;
    await returns[why]?.();
    await consumer.whenAssigned();
    expect(await outcome(consumer.commit())).toBe('ok');
  });
});

describe('a place that was sought while partitions were assigned', () => {
  const topics = ['t'];

  it('is kept over a session that was lost before anything was read', async () => {
    const { opened: lost, open: onLost } = gate();
    let isFirst = true;
    const onAssigned = async (): Promise<void> => {
      if (!isFirst) return;
      isFirst = false;
      await consumer.seek({ topic: 't', partition: 0, offset: 2n });
    };
    const options = { ...inGroup, startAt: 'latest' as const, sessionTimeoutMs: 600, commitIntervalMs: 60_000 };
    const consumer = kafka.consumer({ ...options, onAssigned, onLost });
    await consumer.whenAssigned();
    for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
    await lost;
    expect(await new Loop(consumer).saw(4)).toEqual(['2', '3', '4', '5']);
  });

  it('is none any more when the topic is made anew', async () => {
    const onAssigned = (): Promise<void> => consumer.seek({ topic: 't', partition: 0, offset: 2n });
    const consumer = kafka.consumer({ topics, onAssigned, onOutOfRange: 'earliest', maxWaitMs: 20 });
    const loop = new Loop(consumer);
    await loop.saw(4);
    broker.recreateTopic('t');
    for (let i = 0; i < 8; i++) broker.append('t', [{ value: `new${i}` }]);
    await kafka.admin().describeTopics(['t']);
    expect((await loop.saw(12)).slice(4)).toEqual(Array.from({ length: 8 }, (_, i) => `new${i}`));
  });

  it('is read to the end of the log with until: end', async () => {
    const onAssigned = (): Promise<void> => consumer.seek({ topic: 't', partition: 0, offset: 2n });
    const consumer = kafka.consumer({ topics, onAssigned, until: 'end', maxWaitMs: 20 });
    const loop = new Loop(consumer);
    await loop.ended;
    expect([loop.failure, loop.texts]).toEqual([null, ['2', '3', '4', '5']]);
  });
});

it('a place that was sought is where reading goes on after a session that was lost, unless others have committed since', async () => {
  const consumer = kafka.consumer({ ...inGroup, sessionTimeoutMs: 600, commitIntervalMs: 60_000 });
  const { opened: isBack, open: back } = gate();
  const loop = new Loop(consumer, async ({ offset }) => {
    if (loop.texts.length === 6) {
      await consumer.commit([{ topic: 't', partition: 0, offset: 6n }]);
      await consumer.seek({ topic: 't', partition: 0, offset: 1n });
    }
    if (loop.texts.length !== 8) return;
    expect(offset).toBe(2n);
    for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
    await expect.poll(() => loop.records.at(-1)?.signal.aborted).toBe(true);
    back();
  });
  await isBack;
  await loop.saw(12);
  expect(loop.texts.slice(8, 12)).toEqual(['2', '3', '4', '5']);
});
