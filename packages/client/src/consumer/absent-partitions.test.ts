// A group's leader may give a member partitions that their topic does not have: it knows more than the member, or less.
import { encodeAssignment, OffsetFetch, type OffsetFetchRequest, SyncGroup } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { createClient } from '../kafka.ts';
import { Loop, quiet } from '../testing/loop.ts';
import { inGroup } from '../testing/six-records.ts';

const MANY = 20_000;
const MOST_CPU_MS = 2_000;

/** The group's leader has given the member so many partitions of `t`. */
function assigns(broker: TestBroker, count: number): void {
  const partitions = Array.from({ length: count }, (_, partition) => partition);
  const assignment = encodeAssignment({
    version: 0,
    assignedPartitions: [{ topic: 't', partitions }],
    userData: null,
  });
  const answer = { throttleTimeMs: 0, errorCode: 0, protocolType: 'consumer', protocolName: 'range', assignment };
  broker.on(SyncGroup, { answer }, { always: true });
}

const asked = ({ groups }: OffsetFetchRequest): (readonly number[])[] =>
  groups.flatMap(({ topics }) => (topics ?? []).map(({ partitionIndexes }) => partitionIndexes));

it('they are not asked for until they are there, and the others are read meanwhile', async () => {
  await using broker = await TestBroker.start({ topics: { t: 1 } });
  assigns(broker, 3);
  const fetched: (readonly number[])[] = [];
  const note = (request: OffsetFetchRequest): 'pass' => {
    fetched.push(...asked(request));
    return 'pass';
  };
  broker.on(OffsetFetch, note, { always: true });
  await using kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
  const consumer = kafka.consumer(inGroup);
  const loop = new Loop(consumer);
  broker.append('t', [{ value: 'there' }]);
  expect(await loop.saw(1)).toEqual(['there']);
  expect(fetched).toEqual([[0]]);
  broker.growTopic('t', 3);
  broker.append('t', [{ value: 'new' }], 2);
  expect(await loop.saw(2)).toEqual(['there', 'new']);
});

it('thousands of them cost little', async () => {
  await using broker = await TestBroker.start({ topics: { t: 1 } });
  assigns(broker, MANY);
  await using kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  const loop = new Loop(kafka.consumer(inGroup));
  const before = process.cpuUsage();
  for (let i = 1; i <= 20; i++) {
    broker.append('t', [{ value: `${i}` }]);
    await loop.saw(i);
  }
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(MOST_CPU_MS);
});

it('of hundreds of thousands all but ten thousand are dropped, and that is said', async () => {
  await using broker = await TestBroker.start({ topics: { t: 3 } });
  assigns(broker, 300_000);
  const warned: string[] = [];
  const logger = { ...quiet, warn: (line: string) => void warned.push(line) };
  await using kafka = createClient({ brokers: broker.bootstrap, logger });
  const consumer = kafka.consumer(inGroup);
  const loop = new Loop(consumer);
  broker.append('t', [{ value: 'there' }], 2);
  expect(await loop.saw(1)).toEqual(['there']);
  expect(consumer.assignment()).toHaveLength(10_003);
  expect(warned).toContainEqual(
    expect.stringMatching(/assigns 299997 partitions that are not there: 289997 .*left out/),
  );
});
