// The worst that can reach a consumer. Each input has `give`, which runs in the broker's process and may say from which
// offset is to be read, and what the consumer is then asked for. `records` is how many it has to see.
import { at, giveOut, times } from './log.mjs';

const MiB = 1024 * 1024;
const codecs = ['gzip', 'snappy', 'lz4', 'zstd'];

function batchOf(P, values, options, headers) {
  const builder = new P.BatchBuilder();
  for (const value of values) builder.append(1, null, value, headers);
  return builder.seal(options);
}

const log = (make) => (broker, P) => {
  const { batches, from, ...rest } = make(P);
  giveOut(broker, P, batches, rest);
  return from;
};

/** So many batches of one record of zeros each. */
const bombs = (codec, mebibytes, count) => ({
  id: `${codec}-${mebibytes}M`,
  title: `${count} batches of ${mebibytes} MiB of zeros, ${codec}`,
  records: count,
  give: log((P) => {
    const bomb = batchOf(P, [Buffer.alloc(mebibytes * MiB)], { compression: codec });
    return { batches: times(count, bomb), end: BigInt(count) };
  }),
});

/** Each unpacks to more than `maxBatchBytes`; behind them is one good record. */
const tooLarge = (codec, count) => ({
  id: `${codec}-beyond`,
  title: `${count} batches of 101 MiB of zeros, ${codec}, one more than is allowed, left out; a good one behind them`,
  records: 1,
  options: { onCorrupt: 'skip' },
  give: log((P) => {
    const bomb = batchOf(P, [Buffer.alloc(101 * MiB)], { compression: codec });
    const good = batchOf(P, ['good']);
    return { batches: [...times(count, bomb), at(count, good)], end: BigInt(count + 1) };
  }),
});

function manyRecords(P, bytes) {
  const builder = new P.BatchBuilder();
  const value = Buffer.from('v');
  let count = 0;
  for (; builder.sizeInBytes < bytes; count++) builder.append(1, null, value);
  return { batch: builder.seal(), count };
}

const SMALL = 4_400_000;
const UNDECODABLE = 200_000;
const ABORTED = 1_000_000;
const CONTROL = 100_000;

const logs = [
  {
    id: 'calm',
    title: 'nothing bad: 500 batches of 1,000 records of 100 B, zstd',
    records: 500_000,
    give: log((P) => {
      const values = Array.from({ length: 1000 }, (_, i) => Buffer.from(`${i} `.padEnd(100, 'abcdefg')));
      const batch = batchOf(P, values, { compression: 'zstd' });
      return { batches: Array.from({ length: 500 }, (_, i) => at(1000 * i, batch)), end: 500_000n };
    }),
  },
  ...codecs.flatMap((codec) => [bombs(codec, 1, 200), bombs(codec, 16, 20), bombs(codec, 99, 5), tooLarge(codec, 20)]),
  {
    ...bombs('zstd', 16, 20),
    id: 'zstd-16M-batches',
    title: '20 batches of 16 MiB of zeros, zstd, read by batches()',
    by: 'batch',
  },
  {
    id: 'small-records',
    title: 'one batch of 50 MB with some 4.5 million records',
    records: SMALL,
    give: log((P) => {
      const { batch, count } = manyRecords(P, 50_000_000);
      if (count < SMALL) throw new RangeError(`only ${count} records`);
      return { batches: [at(0, batch)], end: BigInt(count) };
    }),
  },
  {
    id: 'unwanted-records',
    title: 'the same batch, of which only the last ten records are wanted',
    records: 10,
    give: log((P) => {
      const { batch, count } = manyRecords(P, 50_000_000);
      return { batches: [at(0, batch)], end: BigInt(count), from: BigInt(count - 10) };
    }),
  },
  {
    id: 'one-record',
    title: 'one record of 50 MB, not compressed, three times',
    records: 3,
    give: log((P) => {
      const batch = batchOf(P, [Buffer.alloc(50 * MiB, 1)]);
      return { batches: times(3, batch), end: 3n };
    }),
  },
  {
    id: 'undecodable',
    title: `${UNDECODABLE} records that cannot be decoded, left out; a good one behind them`,
    records: 1,
    options: { onUndecodable: 'skip', value: (bytes) => JSON.parse(bytes.toString()) },
    give: log((P) => {
      const bad = batchOf(P, new Array(UNDECODABLE).fill('no json'));
      const good = at(UNDECODABLE, batchOf(P, ['{}']));
      return { batches: [at(0, bad), good], end: BigInt(UNDECODABLE + 1) };
    }),
  },
  {
    id: 'headers',
    title: 'a record of 20 MB with 10 million empty headers, not touched; a good one behind it',
    records: 2,
    give: log((P) => {
      const headers = new Array(10_000_000).fill(['', null]);
      const huge = batchOf(P, ['v'], {}, headers);
      return { batches: [at(0, huge), at(1, batchOf(P, ['v']))], end: 2n };
    }),
  },
  {
    id: 'wrappers',
    title: '24 old wrappers of 64 MiB each, gzip',
    records: 24,
    give: log((P) => {
      const builder = new P.MessageSetBuilder({ magic: 1 });
      builder.append(1, null, Buffer.alloc(64 * MiB));
      return { batches: times(24, builder.seal({ compression: 'gzip' })), end: 24n };
    }),
  },
  {
    id: 'wrappers-of-many',
    title: '16 old wrappers of 500,000 messages each, gzip, of which the last message is wanted',
    records: 1,
    give: log((P) => {
      const builder = new P.MessageSetBuilder({ magic: 1 });
      for (let i = 0; i < 500_000; i++) builder.append(1, null, 'v');
      const wrapper = builder.seal({ compression: 'gzip' });
      const last = (i) => BigInt(500_000 * (i + 1) - 1);
      const batches = Array.from({ length: 16 }, (_, i) => ({ ...at(last(i), wrapper), offset: BigInt(500_000 * i) }));
      return { batches, end: 8_000_000n, from: 7_999_999n };
    }),
  },
  {
    id: 'control',
    title: `${CONTROL} control batches`,
    records: 1,
    give: log((P) => {
      const marker = new P.BatchBuilder();
      marker.append(1, Buffer.from([0, 0, 0, 1]), Buffer.from([0, 0, 0, 0, 0, 0]));
      const bytes = marker.seal({ control: true, transactional: true, producerId: 1n, producerEpoch: 0 });
      const batches = [...times(CONTROL, bytes), at(CONTROL, batchOf(P, ['good']))];
      return { batches, end: BigInt(CONTROL + 1) };
    }),
  },
  {
    id: 'control-bombs',
    title: '20 control batches that unpack to 99 MiB, gzip, left out; a good one behind them',
    records: 1,
    options: { onCorrupt: 'skip' },
    give: log((P) => {
      const marker = new P.BatchBuilder();
      marker.append(1, Buffer.from([0, 0, 0, 1]), Buffer.alloc(99 * MiB));
      const sealed = { control: true, transactional: true, producerId: 1n, producerEpoch: 0, compression: 'gzip' };
      return { batches: [...times(20, marker.seal(sealed)), at(20, batchOf(P, ['good']))], end: 21n };
    }),
  },
  {
    id: 'aborted',
    title: `${ABORTED} aborted transactions in the answer`,
    records: 1,
    give: log((P) => {
      const abortedTransactions = Array.from({ length: ABORTED }, (_, i) => ({
        producerId: BigInt(i),
        firstOffset: 0n,
      }));
      const good = batchOf(P, ['good'], { producerId: BigInt(ABORTED), producerEpoch: 0, baseSequence: 0 });
      return { batches: [at(0, good)], end: 1n, abortedTransactions };
    }),
  },
];

/** Names of 20 bytes: ten megabytes of them are half a million. */
const nameOf = (i) => `topic-${String(i).padStart(12, '0')}`;
const SUBSCRIBED = 500_000;
const TOPICS = 100_000;
const PARTITIONS = 20_000;
const ASSIGNED = 2_500_000;

const inGroup = { groupId: 'worst', startAt: 'earliest', topics: ['t'] };

const descriptions = [
  {
    id: 'partitions',
    title: `${PARTITIONS} partitions are assigned, and one has a record`,
    partitions: PARTITIONS,
    records: 1,
    give: (broker) => void broker.append('t', [{ value: 'v' }], PARTITIONS - 1),
  },
  {
    id: 'topics',
    title: `a pattern, and ${TOPICS} topics in the cluster`,
    records: 1,
    group: { ...inGroup, topics: [/^t$/] },
    give(broker, { Metadata }) {
      broker.append('t', [{ value: 'v' }]);
      const partition = {
        ...{ errorCode: 0, partitionIndex: 0, leaderId: 1, leaderEpoch: 0 },
        ...{ replicaNodes: [1], isrNodes: [1], offlineReplicas: [] },
      };
      const more = Array.from({ length: TOPICS }, (_, i) => ({
        ...{ errorCode: 0, name: nameOf(i), topicId: idOf(i), isInternal: false, partitions: [partition] },
        topicAuthorizedOperations: -2147483648,
      }));
      const change = (answer) => ({ ...answer, topics: [...answer.topics, ...more] });
      broker.on(Metadata, { change }, { always: true, when: ({ topics }) => topics === null });
    },
  },
  {
    id: 'subscription',
    title: `another member subscribes to ${SUBSCRIBED} topics that are not there (10 MB)`,
    records: 1,
    group: inGroup,
    give(broker, { JoinGroup, encodeSubscription }) {
      broker.append('t', [{ value: 'v' }]);
      const topics = Array.from({ length: SUBSCRIBED }, (_, i) => nameOf(i));
      const owned = { userData: null, ownedPartitions: [], generationId: -1, rackId: null };
      const other = {
        memberId: 'other',
        groupInstanceId: null,
        metadata: encodeSubscription({ version: 1, topics, ...owned }),
      };
      const change = (answer) => (answer.errorCode === 0 ? { ...answer, members: [...answer.members, other] } : answer);
      broker.on(JoinGroup, { change }, { always: true });
    },
  },
  {
    id: 'assignment',
    title: `the leader assigns ${ASSIGNED} partitions that are not there, and one that is (10 MB)`,
    records: 1,
    group: inGroup,
    give(broker, { SyncGroup, encodeAssignment }) {
      broker.append('t', [{ value: 'v' }]);
      const partitions = Array.from({ length: ASSIGNED }, (_, i) => i);
      const assignment = encodeAssignment({
        version: 0,
        assignedPartitions: [{ topic: 't', partitions }],
        userData: null,
      });
      broker.on(SyncGroup, { change: (answer) => ({ ...answer, assignment }) }, { always: true });
    },
  },
];

function idOf(i) {
  const bytes = Buffer.alloc(16, 7);
  bytes.writeUInt32BE(i, 0);
  return bytes.toString('base64url');
}

export const inputs = [...logs, ...descriptions];
