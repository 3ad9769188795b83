// What is read again after a session was lost, and what is not.
import { Errors, Heartbeat, JoinGroup, OffsetCommit, ZERO_UUID } from '@hopwire/protocol';
import type { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaEvent } from '../events.ts';
import { createClient, type Kafka } from '../kafka.ts';
import type { ConsumerOptions } from '../options.ts';
import { gate, Loop, quiet } from '../testing/loop.ts';
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

describe('a body that began before its partition was lost', () => {
  const PATIENT = 20; // heartbeats of the other member: time enough to join again

  /** The other member has read and committed all; the first one could have joined again. */
  const othersWentOn = async (): Promise<void> => {
    new Loop(kafka.consumer({ ...inGroup, commitIntervalMs: 20 }));
    await expect.poll(() => broker.committed('g', 't', 0), { timeout: 5_000 }).toBe(6n);
    let beats = 0;
    broker.on(Heartbeat, 'pass', { always: true, when: () => ++beats < 0 });
    await expect.poll(() => beats, { timeout: 5_000 }).toBeGreaterThan(PATIENT);
  };

  /** Stops at the third record, commits when it goes on, and keeps what it is told. */
  const stopping = (consumer: Consumer, offsets?: TopicPartitionOffset[]) => {
    const errors: unknown[] = [];
    const { opened: isThere, open: there } = gate();
    const { opened: goOn, open: resume } = gate();
    const loop = new Loop(consumer, async ({ offset }) => {
      if (offset !== 2n) return;
      there();
      await goOn;
      await consumer.commit(offsets).catch((error: unknown) => errors.push(error));
    });
    return { isThere, resume, errors, loop };
  };
  const itsRecord = [{ topic: 't', partition: 0, offset: 3n }];

  it.each([
    ['its record', itsRecord],
    ['what is done', undefined],
  ])('cannot commit %s in the next generation, and its member joins when it has ended', async (_what, offsets) => {
    const body = stopping(kafka.consumer({ ...inGroup, commit: 'manual' }), offsets);
    await body.isThere;
    for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
    await isRefused(body);
  });

  it('cannot commit after the consumer has subscribed anew, and its member joins when it has ended', async () => {
    const slow = kafka.consumer({ ...inGroup, commit: 'manual' });
    const body = stopping(slow, itsRecord);
    await body.isThere;
    await slow.subscribe(['t'], { timeoutMs: 100 });
    await isRefused(body);
  });

  const isRefused = async ({ resume, errors, loop }: ReturnType<typeof stopping>): Promise<void> => {
    await othersWentOn();
    expect(broker.group('g')?.memberIds).toHaveLength(1);
    resume();
    await expect.poll(() => errors).toMatchObject([{ code: 'REBALANCE_IN_PROGRESS' }]);
    expect(broker.committed('g', 't', 0)).toBe(6n);
    await expect.poll(() => broker.group('g')?.memberIds, { timeout: 5_000 }).toHaveLength(2);
    expect(loop.failure).toBe(undefined);
  };

  it('is told that its partitions are lost, not to give them back, when that comes in a rebalance', async () => {
    const told: string[] = [];
    const { opened: goOn, open: resume } = gate();
    const hooks = { onRevoked: () => void told.push('revoked'), onLost: () => void told.push('lost') };
    const slow = kafka.consumer({ ...inGroup, ...hooks });
    const loop = new Loop(slow, ({ offset }) => (offset === 2n ? goOn : undefined));
    await loop.saw(3);
    const [memberId = ''] = broker.group('g')?.memberIds ?? [];
    new Loop(kafka.consumer(inGroup));
    await expect.poll(() => broker.group('g')?.state).toBe('PreparingRebalance');
    const rejoins = broker.group('g')?.memberIds.length;
    broker.expireMember('g', memberId);
    await expect.poll(() => told).toEqual(['lost']);
    expect(rejoins).toBe(2);
    resume();
  });

  it('commits what is done without a complaint when all of it was committed before', async () => {
    const slow = kafka.consumer({ ...inGroup, commit: 'manual' });
    const { opened: isThere, open: there } = gate();
    const { opened: goOn, open: resume } = gate();
    const outcomes: unknown[] = [];
    const loop = new Loop(slow, async (record) => {
      if (record.offset !== 2n || outcomes.length > 0) return;
      slow.markDone(record);
      await slow.commit();
      there();
      await goOn;
      outcomes.push(await slow.commit().catch((error: unknown) => error));
    });
    await isThere;
    for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
    await expect.poll(() => loop.records.at(-1)?.signal.aborted).toBe(true);
    resume();
    await loop.saw(6);
    expect(outcomes).toEqual([undefined]);
  });

  it('is told once when its commit was under way', async () => {
    const slow = kafka.consumer({ ...inGroup, commit: 'manual' });
    const outcomes: unknown[] = [];
    const { opened: isCommitting, open } = gate();
    const commit = async (): Promise<void> => {
      for (let i = 0; i < 2; i++) outcomes.push(await slow.commit().catch((error: unknown) => error));
    };
    const loop = new Loop(slow, ({ offset }) => (offset === 2n && outcomes.length === 0 ? commit() : undefined));
    const note = (): boolean => {
      open();
      return true;
    };
    broker.on(OffsetCommit, 'swallow', { when: note });
    await isCommitting;
    for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
    await expect.poll(() => outcomes).toMatchObject([{ code: 'REBALANCE_IN_PROGRESS' }, undefined]);
    expect(loop.failure).toBe(undefined);
  });

  it.each(['a body', 'onRevoked'])('is told at commit() when giving back took too long because of %s', async (what) => {
    const errors: unknown[] = [];
    const { opened: goOn, open: resume } = gate();
    const { opened: left, open: noteLeft } = gate();
    const onEvent = (event: KafkaEvent): void => {
      if (event.type === 'rebalance' && event.phase === 'left') noteLeft();
    };
    await using own = createClient({ brokers: broker.bootstrap, logger: quiet, onEvent });
    const told: string[] = [];
    const onRevoked = (): Promise<void> | undefined => {
      told.push('revoked');
      return what === 'onRevoked' ? goOn : undefined;
    };
    const onLost = (): void => void told.push('lost');
    const slow = own.consumer({ ...inGroup, maxProcessingMs: 300, commit: 'manual', onRevoked, onLost });
    const loop = new Loop(slow, ({ offset }) => (what === 'a body' && offset === 2n ? goOn : undefined));
    await loop.saw(3);
    new Loop(kafka.consumer(inGroup));
    await left;
    await slow.commit().catch((error: unknown) => errors.push(error));
    expect(errors).toMatchObject([{ code: 'REBALANCE_IN_PROGRESS', topic: 't', partition: 0 }]);
    expect(told).toEqual(['revoked']);
    resume();
  });
});

describe('a commit by hand', () => {
  it('of a partition that is not assigned to the member is refused; the others are committed', async () => {
    await kafka.admin().createTopics([{ topic: 'other', partitions: 1 }]);
    const consumer = kafka.consumer({ ...inGroup, commit: 'manual' });
    await consumer.whenAssigned();
    const offsets = ['other', 't'].map((topic) => ({ topic, partition: 0, offset: 1n }));
    const refused = { code: 'REBALANCE_IN_PROGRESS', topic: 'other', message: expect.stringContaining('not assigned') };
    await expect(consumer.commit(offsets)).rejects.toMatchObject(refused);
    expect([broker.committed('g', 't', 0), broker.committed('g', 'other', 0)]).toEqual([1n, null]);
  });

  it('under way when a close gives the partitions back is good when it was committed', async () => {
    const consumer = kafka.consumer({ ...inGroup, commit: 'manual' });
    const loop = new Loop(consumer);
    await loop.saw(6);
    broker.on(OffsetCommit, { delayMs: 60 });
    const closed = consumer.close();
    await loop.ended;
    await consumer.commit();
    expect(broker.committed('g', 't', 0)).toBe(6n);
    await closed;
  });

  it('after a close that gave the partitions back is told what is not committed', async () => {
    const consumer = kafka.consumer({ ...inGroup, commit: 'manual' });
    const loop = new Loop(consumer);
    await loop.saw(6);
    const closed = consumer.close();
    await loop.ended;
    await expect.poll(() => consumer.assignment()).toEqual([]);
    const error = await consumer.commit().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: expect.stringMatching(/REBALANCE_IN_PROGRESS|CLOSED/) });
    await closed;
  });

  it("of a consumer that has not joined the group is the user's affair", async () => {
    await kafka.consumer(inGroup).commit([{ topic: 't', partition: 0, offset: 3n }]);
    expect(broker.committed('g', 't', 0)).toBe(3n);
  });
});
