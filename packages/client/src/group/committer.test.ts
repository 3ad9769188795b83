// Commits are merged, each caller has its own limits and learns what became of its own; nothing is set back.
import {
  Errors,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  OffsetCommit,
  type OffsetCommitRequest,
  OffsetFetch,
} from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Cluster } from '../cluster/cluster.ts';
import type { CommitEvent } from '../events.ts';
import { resolveKafkaOptions } from '../options.ts';
import { gate } from '../testing/loop.ts';
import { runAgainAfterStalls } from '../testing/stalls.ts';
import type { TopicPartitionOffset } from '../types.ts';
import { Committer } from './committer.ts';
import { Coordinator } from './coordinator.ts';
import { type MemberIdentity, NO_MEMBER } from './identity.ts';
import { Member, until } from './testing.ts';

runAgainAfterStalls();

let broker: TestBroker;
let cluster: Cluster;
let coordinator: Coordinator;
let committer: Committer;
let member: MemberIdentity;
let events: CommitEvent[];
let requests: OffsetCommitRequest[];

const putOff: Error[] = [];
beforeEach(async () => {
  putOff.length = 0;
  broker = await TestBroker.start({ brokers: 2, topics: { t: 4, u: 1 }, autoCreateTopics: false });
  broker.moveCoordinator('g', 1);
  requests = [];
  broker.on(OffsetCommit, 'pass', { always: true, when: (request) => requests.push(request) < 0 });
  member = NO_MEMBER;
  events = [];
  cluster = new Cluster(
    resolveKafkaOptions({
      brokers: broker.addresses(),
      retryBackoffMs: 5,
      retryBackoffMaxMs: 50,
      requestTimeoutMs: 5_000,
      onEvent: (event) => void (event.type === 'commit' && events.push(event)),
    }),
  );
  coordinator = new Coordinator(cluster, 'g');
  committer = new Committer(cluster, coordinator, {
    member: () => member,
    isStable: true,
    onPutOff: (error) => putOff.push(error),
  });
});

afterEach(async () => {
  committer.close();
  coordinator.release();
  cluster.close();
  await broker.close();
});

const at = (offset: number, partition = 0, topic = 't'): TopicPartitionOffset => ({
  topic,
  partition,
  offset: BigInt(offset),
});
const committed = (partition = 0, topic = 't'): bigint | null => broker.committed('g', topic, partition);

/** What each request asked to commit, as `partition:offset`. */
const asked = (): string[] =>
  requests.map(({ topics }) =>
    topics
      .flatMap(({ partitions }) => partitions.map((one) => `${one.partitionIndex}:${one.committedOffset}`))
      .join(' '),
  );

async function timed<T>(work: Promise<T>): Promise<{ ms: number; error: unknown }> {
  const startedAt = performance.now();
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  return { ms: performance.now() - startedAt, error };
}

describe('commits', () => {
  it('that are made while one is under way are merged into the next: by partition, the latest call wins', async () => {
    const all = [at(1), at(2), at(3, 1), at(9), at(4)].map((offset) => committer.commit([offset]));
    expect(await Promise.all(all)).toEqual([[null], [null], [null], [null], [null]]);
    expect(asked()).toEqual(['0:1', '0:4 1:3']);
    expect([committed(0), committed(1)]).toEqual([4n, 3n]);
  });

  it('no third request is sent before one of two is answered, also when nobody waits for those any more', async () => {
    broker.on(OffsetCommit, 'swallow', { always: true });
    for (let offset = 1; offset <= 6; offset++) {
      await expect(committer.commit([at(offset)], { timeoutMs: 30 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    }
    expect(requests).toHaveLength(2);
  });

  it('thousands at once are at most two requests', async () => {
    await Promise.all(Array.from({ length: 5_000 }, (_, i) => committer.commit([at(i, i % 4)])));
    expect(requests.length).toBeLessThanOrEqual(2);
    expect(committed(3)).toBe(4_999n);
  });

  it('tell each caller, in the order of its offsets, what became of each partition', async () => {
    const long = { ...at(5, 2), metadata: 'x'.repeat(5_000) };
    broker.deny({ denyTopics: ['u'] });
    const outcomes = await committer.commit([at(5, 1), at(5, 0, 'gone'), long, at(7, 0, 'u'), at(6, 3)]);
    const codes = outcomes.map((error) => (error && 'code' in error ? error.code : error));
    const [unknown, tooLarge] = ['UNKNOWN_TOPIC_OR_PARTITION', 'OFFSET_METADATA_TOO_LARGE'];
    expect(codes).toEqual([null, unknown, tooLarge, 'TOPIC_AUTHORIZATION_FAILED', null]);
    expect([committed(1), committed(3)]).toEqual([5n, 6n]);
    expect(outcomes[1]?.message).toContain('gone[0]');
    expect(requests).toHaveLength(1);
  });

  it('are told to the observer: what was committed, and what was not for which reason', async () => {
    await committer.commit([at(5, 1), at(5, 0, 'gone'), at(6, 2)]);
    expect(events.map(({ offsets, error }) => [offsets.map(({ partition }) => partition), error?.message])).toEqual([
      [[1, 2], undefined],
      [[0], expect.stringContaining('UNKNOWN_TOPIC_OR_PARTITION')],
    ]);
  });

  it.each([22, 25, 27, 30])('that are refused with %i are told to the observer once', async (errorCode) => {
    broker.on(OffsetCommit, { errorCode }, { times: 1 });
    const [first, second] = await committer.commit([at(5, 1), at(5, 2)]);
    expect([first, second]).toMatchObject([{ errorCode }, { errorCode }]);
    expect(events.map(({ offsets }) => offsets.length)).toEqual([2]);
  });

  it.each([14, 15, 16, 7])('are repeated after error %i, at the coordinator found anew', async (errorCode) => {
    broker.on(OffsetCommit, { errorCode }, { times: 2 });
    expect(await committer.commit([at(8)])).toEqual([null]);
    expect(committed()).toBe(8n);
  });

  it('are repeated more and more rarely while they are refused, and each time it is told', async () => {
    let asked = 0;
    broker.on(
      OffsetCommit,
      () => {
        asked++;
        return { errorCode: Errors.COORDINATOR_NOT_AVAILABLE };
      },
      { always: true },
    );
    await expect(committer.commit([at(1)], { timeoutMs: 3_000 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(asked).toBeGreaterThan(3);
    // With pauses of 5 ms, as after a first failure, there would be a thousand.
    expect(asked).toBeLessThan(200);
    expect(putOff).toHaveLength(asked);
  });

  it('are repeated after a lost connection, and find a coordinator that has moved', async () => {
    await committer.commit([at(1)]);
    broker.on(OffsetCommit, 'kill');
    broker.moveCoordinator('g', 2);
    expect(await committer.commit([at(2)])).toEqual([null]);
    expect(committed()).toBe(2n);
  });

  it('one that failed does not come after a newer one: what was committed meanwhile wins', async () => {
    broker.on(OffsetCommit, 'kill');
    const first = committer.commit([at(10), at(1, 1)]);
    const second = committer.commit([at(20)]);
    expect(await Promise.all([first, second])).toEqual([[null, null], [null]]);
    expect([committed(0), committed(1)]).toEqual([20n, 1n]);
    expect(asked().slice(1)).toEqual(['0:20 1:1']);
  });
});

describe('a look for the coordinator that takes long', () => {
  it('sends no older one behind a newer one whose caller has given up: the broker may have that', async () => {
    let isLosing = true;
    broker.on(OffsetCommit, { handleThen: 'kill' }, { always: true, when: () => isLosing });
    const older = committer.commit([at(1)], { timeoutMs: 5_000 });
    await until(() => requests.length === 1);
    await expect(committer.commit([at(2)], { timeoutMs: 200 })).rejects.toThrow();
    isLosing = false;
    expect(await older).toEqual([null]);
    expect(asked().slice(asked().indexOf('0:2'))).not.toContain('0:1');
    expect(committed()).toBe(2n);
  });

  it('lets no older commit arrive behind a newer one that was made meanwhile', async () => {
    const { opened: holdUntil, open } = gate();
    broker.on(FindCoordinator, { holdUntil }, { always: true });
    const first = committer.commit([at(1)]);
    const second = committer.commit([at(2)], { timeoutMs: 3_000 });
    const madeAt = performance.now();
    await until(() => performance.now() - madeAt > 400); // The second is on its way by now.
    open();
    expect(await Promise.all([first, second])).toEqual([[null], [null]]);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([committed(), asked()]).toEqual([2n, ['0:2']]);
  });
});

describe('a caller', () => {
  it('ends at its own deadline, also behind a commit that is never answered, and says why', async () => {
    broker.on(OffsetCommit, 'swallow', { always: true });
    const stuck = timed(committer.commit([at(1)], { timeoutMs: 700 }));
    await until(() => requests.length === 1);
    const { ms, error } = await timed(committer.commit([at(2)], { timeoutMs: 200 }));
    expect(ms).toBeGreaterThan(190);
    expect(ms).toBeLessThan(300);
    expect(error).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('group g') });
    expect((await stuck).ms).toBeLessThan(800);
  });

  it('ends with the reason of its signal, and the others are committed', async () => {
    const { opened: holdUntil, open } = gate();
    broker.on(OffsetCommit, { holdUntil });
    const first = committer.commit([at(1)]);
    const stop = new AbortController();
    const second = timed(committer.commit([at(2), at(2, 1)], { signal: stop.signal }));
    const third = committer.commit([at(3, 1)]);
    stop.abort(new RangeError('mine'));
    expect((await second).error).toMatchObject({ message: 'mine' });
    open();
    expect(await Promise.all([first, third])).toEqual([[null], [null]]);
    expect([committed(0), committed(1)]).toEqual([1n, 3n]);
  });

  it('does not wait behind an answer that is lost: its commit is sent behind it', async () => {
    broker.on(OffsetCommit, 'swallow');
    const lost = timed(committer.commit([at(1)], { timeoutMs: 3_000 }));
    await until(() => requests.length === 1);
    const { ms, error } = await timed(committer.commit([at(2)]));
    expect(error).toBeNull();
    expect(ms).toBeLessThan(500);
    // The lost one was repeated with it, and the newer offset counts for both.
    expect((await lost).error).toBeNull();
    expect([committed(), asked().at(-1)]).toEqual([2n, '0:2']);
  });

  it('an answer that comes late counts for those who wait for it, and sets nothing back', async () => {
    broker.on(OffsetCommit, { delayMs: 600 });
    const slow = committer.commit([at(1)]);
    const quick = committer.commit([at(2)], { timeoutMs: 900 });
    expect(await Promise.all([slow, quick])).toEqual([[null], [null]]);
    expect(committed()).toBe(2n);
  });

  it('withdrawing thousands by one signal takes no time that grows with their square', async () => {
    broker.on(OffsetCommit, 'swallow', { always: true });
    const stop = new AbortController();
    const all = Array.from({ length: 8_000 }, (_, i) => committer.commit([at(i, i % 4)], { signal: stop.signal }));
    const settled = Promise.allSettled(all);
    const startedAt = performance.now();
    stop.abort();
    await settled;
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  it('whose signal is aborted already sends nothing', async () => {
    const signal = AbortSignal.abort(new RangeError('before'));
    await expect(committer.commit([at(1)], { signal })).rejects.toThrow('before');
    expect(requests).toEqual([]);
  });

  it('is told of the end of the consumer, and so is whoever comes later', async () => {
    broker.on(OffsetCommit, 'swallow', { always: true });
    const waiting = timed(committer.commit([at(1)]));
    await until(() => requests.length === 1);
    committer.close();
    expect((await waiting).error).toMatchObject({ code: 'CLOSED' });
    await expect(committer.commit([at(1)])).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(committer.fetch([at(1)])).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('generations', () => {
  it('commits carry the identity of the moment of the call, and those of two generations are two requests', async () => {
    await using one = await Member.joined(broker);
    const old = one.membership.identity;
    member = old;
    const first = committer.commit([at(1)]);
    const second = committer.commit([at(2, 1)]);
    member = { ...old, generationId: 7 };
    const third = committer.commit([at(3, 2)]);
    const outcomes = await Promise.all([first, second, third]);
    expect(outcomes.slice(0, 2)).toEqual([[null], [null]]);
    expect(outcomes[2]).toMatchObject([{ code: 'ILLEGAL_GENERATION' }]);
    expect(requests.map((request) => request.generationIdOrMemberEpoch)).toEqual([1, 1, 7]);
    expect([committed(0), committed(1), committed(2)]).toEqual([1n, 2n, null]);
  });

  it.each([
    Errors.UNKNOWN_MEMBER_ID,
    Errors.ILLEGAL_GENERATION,
    Errors.REBALANCE_IN_PROGRESS,
    Errors.FENCED_INSTANCE_ID,
  ])('error %i fails everything that was to be committed in that generation, at once', async (errorCode) => {
    broker.on(OffsetCommit, { errorCode });
    const all = [at(1), at(2, 1), at(3, 2)].map((offset) => committer.commit([offset]));
    const outcomes = (await Promise.all(all)).flat();
    expect(outcomes.map((error) => error && 'errorCode' in error && error.errorCode)).toEqual(Array(3).fill(errorCode));
    expect(requests).toHaveLength(1);
  });

  it('a commit by hand in a group that has members says what to do', async () => {
    await using _ = await Member.joined(broker);
    const [error] = await committer.commit([at(1)]);
    expect(error).toMatchObject({ code: 'UNKNOWN_MEMBER_ID', message: expect.stringContaining('groupId of its own') });
  });

  it('that wait when the partitions are lost are told, and not sent later under the same generation', async () => {
    const isLost = ({ topics }: OffsetCommitRequest): boolean => topics[0]?.partitions[0]?.partitionIndex === 0;
    broker.on(OffsetCommit, { errorCode: Errors.COORDINATOR_LOAD_IN_PROGRESS }, { always: true, when: isLost });
    const waiting = committer.commit([at(1)]);
    await expect.poll(() => requests.length).toBeGreaterThan(1);
    committer.lose();
    expect(await waiting).toMatchObject([{ code: 'REBALANCE_IN_PROGRESS', partition: 0 }]);
    // Behind what may still be under way.
    expect(await committer.commit([at(7, 1)])).toEqual([null]);
    const before = requests.length;
    expect(await committer.commit([at(8, 1)])).toEqual([null]);
    expect(requests.slice(before - 1).filter(isLost)).toEqual([]);
  });

  it('one that cannot be repeated is not repeated when a newer generation commits already', async () => {
    broker.on(OffsetCommit, 'kill');
    member = { generationId: 1, memberId: 'm', groupInstanceId: null };
    const old = committer.commit([at(1)]);
    member = NO_MEMBER;
    const newer = committer.commit([at(2)]);
    expect(await old).toMatchObject([{ code: 'CONNECTION' }]);
    expect(await newer).toEqual([null]);
    expect(requests.map(({ memberId }) => memberId)).toEqual(['m', '']);
  });
});

describe('look-ups', () => {
  it('say by partition what is committed, -1 for nothing, and one that is refused leaves the others alone', async () => {
    await committer.commit([{ ...at(5), leaderEpoch: 3, metadata: 'm' }, at(6, 0, 'u')]);
    broker.deny({ denyTopics: ['u'] });
    const found = await committer.fetch([at(0), at(0, 1), at(0, 0, 'u')]);
    expect(found.get('t/0')).toEqual({ topic: 't', partition: 0, offset: 5n, leaderEpoch: 3, metadata: 'm' });
    expect(found.get('t/1')).toMatchObject({ offset: -1n });
    expect(found.get('u/0')).toMatchObject({ code: 'TOPIC_AUTHORIZATION_FAILED', topic: 'u', partition: 0 });
  });

  it.each([14, 15, 16])('are repeated after error %i', async (errorCode) => {
    broker.on(OffsetFetch, { errorCode }, { times: 2 });
    expect((await committer.fetch([at(0)])).get('t/0')).toMatchObject({ offset: -1n });
  });

  it('are refused as a whole when the group is', async () => {
    broker.on(OffsetFetch, { errorCode: Errors.GROUP_AUTHORIZATION_FAILED }, { always: true });
    await expect(committer.fetch([at(0)])).rejects.toMatchObject({ code: 'GROUP_AUTHORIZATION_FAILED' });
  });

  it('end at their deadline, and at the end of the consumer', async () => {
    broker.on(OffsetFetch, 'swallow', { always: true });
    const { ms } = await timed(committer.fetch([at(0)], { timeoutMs: 200 }));
    expect(ms).toBeLessThan(300);
    const waiting = timed(committer.fetch([at(0)]));
    committer.close();
    expect((await waiting).error).toMatchObject({ code: 'CLOSED' });
  });

  it('do not wait behind a JoinGroup', async () => {
    broker.on(JoinGroup, 'swallow', { always: true, when: ({ memberId }) => memberId !== '' });
    let joins = 0;
    broker.on(JoinGroup, 'pass', { always: true, when: () => ++joins < 0 });
    await using joining = new Member(broker);
    joining.membership.start();
    await until(() => joining.phases.includes('joining'));
    await until(() => (broker.group('g')?.state ?? '') !== '');
    const own = joining.committer();
    const { ms, error } = await timed(own.fetch([at(0)], { timeoutMs: 2_000 }));
    expect([error, ms < 1_000]).toEqual([null, true]);
    own.close();
  });

  it('do not keep heartbeats from being sent', async () => {
    await using one = await Member.joined(broker, { sessionTimeoutMs: 300 });
    const own = one.committer();
    broker.on(OffsetFetch, 'swallow', { always: true });
    const waiting = timed(own.fetch([at(0)], { timeoutMs: 400 }));
    let beats = 0;
    broker.on(Heartbeat, 'pass', { always: true, when: () => ++beats < 0 });
    await waiting;
    expect(beats).toBeGreaterThan(5);
    own.close();
  });
});
