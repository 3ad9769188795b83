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

describe('a commit after a loop that was left', () => {
  /** The member is lost while what was read is written, and has its partition again. */
  async function leftAndLost(): Promise<Consumer> {
    const { opened: lost, open } = gate();
    const consumer = kafka.consumer({ ...byHand, onLost: open });
    await workThree(consumer, 'break');
    for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
    await lost;
    await consumer.whenAssigned();
    return consumer;
  }

  it('says once that what was done is lost, although the partition is ours again', async () => {
    const consumer = await leftAndLost();
    expect(await outcome(consumer.commit())).toBe('REBALANCE_IN_PROGRESS');
    expect([await outcome(consumer.commit()), broker.committed('g', 't', 0)]).toEqual(['ok', 1n]);
    expect(await new Loop(consumer).saw(5)).toEqual(['1', '2', '3', '4', '5']);
  });

  it('by its offset is refused: others may have gone on in the meantime', async () => {
    const consumer = await leftAndLost();
    expect(await outcome(consumer.commit(threeDone))).toBe('REBALANCE_IN_PROGRESS');
    expect(broker.committed('g', 't', 0)).toBe(1n);
  });

  it('says nothing of it in the next loop, which is handed the same records again', async () => {
    const consumer = await leftAndLost();
    const told: unknown[] = [];
    const loop = new Loop(consumer, async () => void told.push(await outcome(consumer.commit())));
    expect(await loop.saw(5)).toEqual(['1', '2', '3', '4', '5']);
    await expect.poll(() => told).toEqual(Array(5).fill('ok'));
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
