// What everybody encodes and decodes: the same records and bodies for all, the same in every run.
import { BatchBuilder, encodeResponse, Fetch, Metadata } from '../../packages/protocol/dist/index.js';

const START = 1_700_000_000_000;

/** A small generator of numbers (LCG of Numerical Recipes): data that look like data, yet are the same in each run. */
function generator(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const WORDS = 'order paid shipped returned invoice customer warehouse express standard berlin oslo lima kyoto'.split(
  ' ',
);

/** Text like a JSON event, cut to exactly `size` characters of ASCII. */
function eventOf(random, size) {
  let text = `{"id":${random(1e9)},"at":${START + random(1e6)}`;
  while (text.length < size) text += `,"${WORDS[random(WORDS.length)]}":"${random(1e6)}"`;
  return text.slice(0, size);
}

/** Records as text; each client makes of them what its own producer hands to its codec. */
export function recordsOf({ count, valueSize, keys = false, headers = false }) {
  const random = generator(count + valueSize);
  return Array.from({ length: count }, (_, i) => ({
    timestamp: START + i,
    key: keys ? `key-${random(1e6)}` : null,
    value: eventOf(random, valueSize),
    headers: headers
      ? [
          ['trace', `${random(1e9)}`],
          ['type', 'order'],
        ]
      : [],
  }));
}

/** Bytes of one record batch. */
export function batchOf(records, compression = 'none') {
  const builder = new BatchBuilder({ capacity: 1 << 16 });
  for (const { timestamp, key, value, headers } of records) builder.append(timestamp, key, value, headers);
  return builder.seal({ compression, baseOffset: 1000n });
}

function uuid(i) {
  const bytes = Buffer.alloc(16, 0x5a);
  bytes.writeUInt32BE(i, 4);
  return bytes.toString('base64url');
}

export function topicNames(count) {
  return Array.from({ length: count }, (_, i) => `events.region-${i % 7}.topic-${i}`);
}

/** A cluster's answer: `count` topics of three partitions, three replicas each. */
export function metadataOf(count) {
  const partition = (partitionIndex) => ({
    errorCode: 0,
    partitionIndex,
    leaderId: 1 + (partitionIndex % 3),
    leaderEpoch: 5,
    replicaNodes: [1, 2, 3],
    isrNodes: [1, 2, 3],
    offlineReplicas: [],
  });
  return {
    throttleTimeMs: 0,
    brokers: [1, 2, 3].map((nodeId) => ({ nodeId, host: `broker-${nodeId}.example.org`, port: 9092, rack: 'a' })),
    clusterId: uuid(0),
    controllerId: 1,
    topics: topicNames(count).map((name, i) => ({
      errorCode: 0,
      name,
      topicId: uuid(i + 1),
      isInternal: false,
      partitions: [0, 1, 2].map(partition),
      topicAuthorizedOperations: -2147483648,
    })),
    clusterAuthorizedOperations: -2147483648,
    errorCode: 0,
  };
}

/** Ten topics with ten partitions each, a batch in each of them. */
export function fetchOf(recordsPerPartition) {
  const none = { epoch: -1, endOffset: -1n };
  const records = batchOf(recordsOf({ count: recordsPerPartition, valueSize: 100 }));
  const partition = (_, partitionIndex) => ({
    partitionIndex,
    errorCode: 0,
    highWatermark: 2000n,
    lastStableOffset: 2000n,
    logStartOffset: 0n,
    divergingEpoch: none,
    currentLeader: { leaderId: -1, leaderEpoch: -1 },
    snapshotId: none,
    abortedTransactions: [],
    preferredReadReplica: -1,
    records,
  });
  const responses = topicNames(10).map((topic, i) => ({
    topic,
    topicId: uuid(i + 1),
    partitions: Array.from({ length: 10 }, partition),
  }));
  return { throttleTimeMs: 0, errorCode: 0, sessionId: 7, responses, nodeEndpoints: [] };
}

export const metadataBytes = (version, count) => encodeResponse(Metadata, version, metadataOf(count));
export const fetchBytes = (version, recordsPerPartition) =>
  encodeResponse(Fetch, version, fetchOf(recordsPerPartition));

/** Numbers of all lengths, short ones more often: as lengths and deltas are. */
export function numbers(count) {
  const random = generator(count);
  return Array.from({ length: count }, () => random(2 ** [7, 7, 7, 14, 14, 21, 28, 31][random(8)]));
}
