// When a member has to go: at once, once, and with what it has done.
import { Errors, Heartbeat, LeaveGroup, OffsetCommit } from '@hopwire/protocol';
import type { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Kafka } from '../kafka.ts';
import { block } from '../network/conversation.ts';
import { gate, Loop } from '../testing/loop.ts';
import { inGroup, startWithSixRecords } from '../testing/six-records.ts';
import { runAgainAfterStalls } from '../testing/stalls.ts';

runAgainAfterStalls();

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  ({ broker, kafka } = await startWithSixRecords());
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 200 });
  await broker.close();
});

describe('a member that a broker does not know any more, as its answer to a commit says', () => {
  it.each([
    ['UNKNOWN_MEMBER_ID', Errors.UNKNOWN_MEMBER_ID, {}],
    ['ILLEGAL_GENERATION', Errors.ILLEGAL_GENERATION, {}],
    ['FENCED_INSTANCE_ID', Errors.FENCED_INSTANCE_ID, { groupInstanceId: 'one' }],
  ])('works on nothing of its partitions from then on: %s', async (code, errorCode, more) => {
    const lost: number[] = [];
    const onLost = (): void => void lost.push(performance.now());
    const options = { ...inGroup, commit: 'manual', heartbeatIntervalMs: 10_000, onLost, ...more } as const;
    const consumer = kafka.consumer(options);
    const { opened: told, open: tell } = gate();
    const loop = new Loop(consumer, async ({ offset, signal }) => {
      if (offset !== 2n) return;
      broker.on(OffsetCommit, { errorCode });
      await expect(consumer.commit()).rejects.toMatchObject({ code });
      await expect.poll(() => signal.aborted).toBe(true);
      tell();
    });
    await told;
    expect([loop.texts, lost.length]).toEqual([['0', '1', '2'], 1]);
  });
});

describe('a subscribe() whose time ends while a body is at work', () => {
  it('tells the body to stop before others can have its partition', async () => {
    const order: string[] = [];
    const consumer = kafka.consumer({ ...inGroup, commitIntervalMs: 60_000, maxWaitMs: 10 });
    const { opened: begun, open: begin } = gate();
    new Loop(consumer, ({ offset, signal }) => {
      if (offset !== 3n) return;
      begin();
      return new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(void order.push('stop')));
      });
    });
    await begun;
    broker.on(OffsetCommit, 'swallow', { always: true });
    broker.on(LeaveGroup, 'pass', { when: () => order.push('left') > 0 });
    await consumer.subscribe(['t'], { timeoutMs: 400 }).catch(() => undefined);
    await expect.poll(() => order).toEqual(['stop', 'left']);
  });
});

describe('a body that takes too long', () => {
  it('does not keep from being committed what was done before it', async () => {
    const told: string[] = [];
    const hooks = { onRevoked: () => void told.push('revoked'), onLost: () => void told.push('lost') };
    const options = { ...inGroup, commitIntervalMs: 60_000, maxProcessingMs: 300, ...hooks };
    const { opened: goOn, open: resume } = gate();
    const loop = new Loop(kafka.consumer(options), ({ offset }) => (offset === 3n ? goOn : undefined));
    await expect.poll(() => broker.group('g')?.memberIds).toEqual([]);
    expect([broker.committed('g', 't', 0), told]).toEqual([3n, ['revoked']]);
    expect(loop.records.at(-1)?.signal.aborted).toBe(true);
    resume();
    await loop.saw(6);
  });

  it('makes its partitions go once, also when the event loop is blocked as its time ends', async () => {
    const twice: string[] = [];
    for (let blockAtMs = 290; blockAtMs < 400; blockAtMs += 15) {
      const told: string[] = [];
      const onAssigned = (): void => void told.push('assigned');
      const hooks = { onAssigned, onRevoked: () => void told.push('revoked'), onLost: () => void told.push('lost') };
      const consumer = kafka.consumer({ ...inGroup, groupId: `g${blockAtMs}`, maxProcessingMs: 400, ...hooks });
      const { opened: begun, open: begin } = gate();
      new Loop(consumer, ({ signal }) => {
        begin();
        return new Promise((resolve) => signal.addEventListener('abort', resolve));
      });
      await begun;
      broker.on(Heartbeat, { errorCode: Errors.REBALANCE_IN_PROGRESS });
      await new Promise((resolve) => setTimeout(resolve, blockAtMs));
      block(100);
      await expect.poll(() => told.length).toBeGreaterThan(1);
      await consumer.close();
      if (!/^(assigned (revoked|lost) ?)+$/.test(told.join(' '))) twice.push(`${blockAtMs}: ${told.join()}`);
    }
    expect(twice).toEqual([]);
  });
});
