// What is read again after a session was lost, and what is not.
import { Errors, Heartbeat, JoinGroup, OffsetCommit, ZERO_UUID } from '@hopwire/protocol';
import type { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kafka } from '../kafka.ts';
import type { ConsumerOptions } from '../options.ts';
import { gate, Loop } from '../testing/loop.ts';
import { inGroup, startWithSixRecords } from '../testing/six-records.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  ({ broker, kafka } = await startWithSixRecords());
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 200 });
  await broker.close();
});

describe('a session that was lost', () => {
  const afterLoss = async (options: ConsumerOptions, between: () => Promise<void>): Promise<string[]> => {
    const { opened: lost, open: onLost } = gate();
    const { opened: holdUntil, open: resume } = gate();
    const consumer = kafka.consumer({ ...inGroup, sessionTimeoutMs: 600, commitIntervalMs: 20, ...options, onLost });
    const loop = new Loop(consumer, async ({ offset }) => {
      if (loop.texts.length === 2) await consumer.commit();
      if (offset !== 4n || loop.texts.length !== 5) return;
      broker.on(OffsetCommit, { errorCode: Errors.REBALANCE_IN_PROGRESS }, { always: true });
      broker.on(Heartbeat, { errorCode: Errors.UNKNOWN_MEMBER_ID });
      broker.on(JoinGroup, { holdUntil });
      await lost;
    });
    await lost;
    broker.off(OffsetCommit);
    await expect.poll(() => broker.group('g')?.memberIds ?? []).toEqual([]);
    await between();
    resume();
    broker.append('t', [{ value: 'last' }]);
    await expect.poll(() => loop.texts.includes('last')).toBe(true);
    await consumer.close({ timeoutMs: 500 });
    return loop.texts.slice(5);
  };

  it('takes back what was not committed by hand', async () => {
    expect(await afterLoss({ commit: 'manual' }, async () => undefined)).toEqual(['1', '2', '3', '4', '5', 'last']);
  });

  it('goes on behind what was done, and not behind an offset that was set back meanwhile', async () => {
    const setBack = async (): Promise<void> => {
      const partition = { partitionIndex: 0, committedOffset: 0n, committedLeaderEpoch: -1, commitTimestamp: -1n };
      const topics = [{ name: 't', topicId: ZERO_UUID, partitions: [{ ...partition, committedMetadata: null }] }];
      const nobody = { generationIdOrMemberEpoch: -1, memberId: '', groupInstanceId: null, retentionTimeMs: -1n };
      await kafka.request(OffsetCommit, { groupId: 'g', ...nobody, topics }, { version: 9 });
    };
    expect((await afterLoss({}, setBack))[0]).toBe('0');
  });

  it('goes on where it began when nothing was committed by hand: what came since is not left out', async () => {
    const consumer = kafka.consumer({ ...inGroup, startAt: 'latest', commit: 'manual' });
    const loop = new Loop(consumer);
    await consumer.whenAssigned();
    broker.append('t', [{ value: 'a' }]);
    await loop.saw(1);
    broker.on(JoinGroup, { errorCode: Errors.COORDINATOR_LOAD_IN_PROGRESS }, { times: 2 });
    for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
    await expect.poll(() => broker.group('g')?.memberIds ?? []).toEqual([]);
    broker.append('t', [{ value: 'b' }]);
    await expect.poll(() => loop.texts.filter((text) => text === 'a').length).toBe(2);
    await expect.poll(() => loop.texts.slice(loop.texts.lastIndexOf('a'))).toEqual(['a', 'b']);
  });
});
