// What every codec has to keep to, whatever its API. The samples are made by the decoders: no API can be left out.
import { describe, expect, it } from 'vitest';
import { type AnyApi, isFlexible } from '../api.ts';
import { DIRECTIONS, decodeBody, encodeBody, isTaken, prefixesTaken } from '../testing/direction.ts';
import { type Direction, sampleOf } from '../testing/sample-reader.ts';
import { apiByKey, apis } from './index.ts';

/** What is, from the message definitions of Kafka 4.4: key, name, versions, first flexible one. */
const LISTED = [
  [0, 'Produce', [0, 13], 9],
  [1, 'Fetch', [0, 18], 12],
  [2, 'ListOffsets', [0, 11], 6],
  [3, 'Metadata', [0, 13], 9],
  [8, 'OffsetCommit', [0, 10], 8],
  [9, 'OffsetFetch', [0, 10], 6],
  [10, 'FindCoordinator', [0, 6], 3],
  [11, 'JoinGroup', [0, 9], 6],
  [12, 'Heartbeat', [0, 4], 4],
  [13, 'LeaveGroup', [0, 5], 4],
  [14, 'SyncGroup', [0, 5], 4],
  [15, 'DescribeGroups', [0, 6], 5],
  [16, 'ListGroups', [0, 5], 3],
  [17, 'SaslHandshake', [0, 1], null],
  [18, 'ApiVersions', [0, 5], 3],
  [19, 'CreateTopics', [0, 7], 5],
  [20, 'DeleteTopics', [0, 6], 4],
  [21, 'DeleteRecords', [0, 2], 2],
  [22, 'InitProducerId', [0, 6], 2],
  [23, 'OffsetForLeaderEpoch', [0, 4], 4],
  [24, 'AddPartitionsToTxn', [0, 5], 3],
  [25, 'AddOffsetsToTxn', [0, 4], 3],
  [26, 'EndTxn', [0, 5], 3],
  [27, 'WriteTxnMarkers', [0, 2], 1],
  [28, 'TxnOffsetCommit', [0, 6], 3],
  [29, 'DescribeAcls', [0, 3], 2],
  [30, 'CreateAcls', [0, 3], 2],
  [31, 'DeleteAcls', [0, 3], 2],
  [32, 'DescribeConfigs', [0, 4], 4],
  [33, 'AlterConfigs', [0, 2], 2],
  [34, 'AlterReplicaLogDirs', [0, 2], 2],
  [35, 'DescribeLogDirs', [0, 5], 2],
  [36, 'SaslAuthenticate', [0, 2], 2],
  [37, 'CreatePartitions', [0, 3], 2],
  [38, 'CreateDelegationToken', [0, 3], 2],
  [39, 'RenewDelegationToken', [0, 2], 2],
  [40, 'ExpireDelegationToken', [0, 2], 2],
  [41, 'DescribeDelegationToken', [0, 3], 2],
  [42, 'DeleteGroups', [0, 3], 2],
  [43, 'ElectLeaders', [0, 2], 2],
  [44, 'IncrementalAlterConfigs', [0, 1], 1],
  [45, 'AlterPartitionReassignments', [0, 1], 0],
  [46, 'ListPartitionReassignments', [0, 0], 0],
  [47, 'OffsetDelete', [0, 0], null],
  [48, 'DescribeClientQuotas', [0, 1], 1],
  [49, 'AlterClientQuotas', [0, 1], 1],
  [50, 'DescribeUserScramCredentials', [0, 0], 0],
  [51, 'AlterUserScramCredentials', [0, 0], 0],
  [55, 'DescribeQuorum', [0, 2], 0],
  [57, 'UpdateFeatures', [0, 2], 0],
  [60, 'DescribeCluster', [0, 2], 0],
  [61, 'DescribeProducers', [0, 0], 0],
  [64, 'UnregisterBroker', [0, 0], 0],
  [65, 'DescribeTransactions', [0, 0], 0],
  [66, 'ListTransactions', [0, 2], 0],
  [68, 'ConsumerGroupHeartbeat', [0, 1], 0],
  [69, 'ConsumerGroupDescribe', [0, 1], 0],
  [71, 'GetTelemetrySubscriptions', [0, 0], 0],
  [72, 'PushTelemetry', [0, 0], 0],
  [74, 'ListConfigResources', [0, 1], 0],
  [75, 'DescribeTopicPartitions', [0, 0], 0],
  [76, 'ShareGroupHeartbeat', [0, 1], 0],
  [77, 'ShareGroupDescribe', [0, 1], 0],
  [78, 'ShareFetch', [0, 2], 0],
  [79, 'ShareAcknowledge', [0, 2], 0],
  [80, 'AddRaftVoter', [0, 1], 0],
  [81, 'RemoveRaftVoter', [0, 0], 0],
  [88, 'StreamsGroupHeartbeat', [0, 1], 0],
  [89, 'StreamsGroupDescribe', [0, 1], 0],
  [90, 'DescribeShareGroupOffsets', [0, 1], 0],
  [91, 'AlterShareGroupOffsets', [0, 0], 0],
  [92, 'DeleteShareGroupOffsets', [0, 0], 0],
  [93, 'StreamsGroupTopologyDescriptionUpdate', [0, 0], 0],
  [94, 'UnregisterController', [0, 0], 0],
];

/** Prefixes that are taken although something is missing, and why. */
function toleratedPrefixes(api: AnyApi, direction: Direction, version: number, length: number): number[] {
  // Some brokers answer ApiVersions v1 and v2 without the trailing throttle_time_ms.
  const withoutThrottle = api.name === 'ApiVersions' && direction === 'response' && (version === 1 || version === 2);
  return withoutThrottle ? [length - 4] : [];
}

interface Case {
  readonly name: string;
  readonly api: AnyApi;
  readonly version: number;
  readonly direction: Direction;
}

const cases: readonly Case[] = apis.flatMap((api) => {
  const [first, last] = api.versions;
  const versions = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  return versions.flatMap((version) =>
    DIRECTIONS.map((direction) => ({ name: `${api.name} v${version} ${direction}`, api, version, direction })),
  );
});

const MOST_HEAP = 512 * 1024;

/** The least of three, if it is much: the engine takes memory for itself by the half megabyte, but not each time. */
function heapOf(run: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 && least >= MOST_HEAP; tries++) {
    const before = process.memoryUsage().heapUsed;
    run();
    least = Math.min(least, process.memoryUsage().heapUsed - before);
  }
  return least;
}

/** Numbers that claim far more than there is, or less than nothing: int32, int16, varint. */
const HOSTILE = ['7fffffff', '80000000', 'fffffff0', '7fff', '8000', 'ffffffff0f', 'ffffffffff7f'];

describe('the list of APIs', () => {
  it('holds each API once, with its versions, ascending by key', () => {
    expect(apis.map(({ key, name, versions, flexibleFrom }) => [key, name, versions, flexibleFrom])).toEqual(LISTED);
  });

  it('finds an API by its key, and nothing by an unknown one', () => {
    for (const api of apis) expect(apiByKey(api.key)).toBe(api);
    expect(apiByKey(4711)).toBeUndefined();
  });

  it('only InitProducerId has a version that is not stable yet', () => {
    const unstable = apis.filter((api) => api.latestStable !== undefined);
    expect(unstable.map(({ name, latestStable }) => [name, latestStable])).toEqual([['InitProducerId', 5]]);
  });
});

describe('what is written', () => {
  it.each(cases)('comes back the same, and again as the same bytes: $name', ({ api, version, direction }) => {
    for (const style of ['full', 'lone', 'sparse'] as const) {
      const sample = sampleOf(api, direction, version, style);
      const bytes = encodeBody(api, direction, version, sample);
      const decoded = decodeBody(api, direction, version, bytes);
      expect(decoded, style).toEqual(sample);
      expect(encodeBody(api, direction, version, decoded).toString('hex'), style).toBe(bytes.toString('hex'));
    }
  });
});

/** One test for each API: all versions, both directions. */
function eachApi(rule: string, check: (one: Case) => void): void {
  it.each(apis.map((api) => api.name))(`${rule}: %s`, (name) => {
    for (const one of cases) if (one.api.name === name) check(one);
  });
}

describe('bytes that are not what they should be', () => {
  eachApi('cut anywhere they are refused', ({ name, api, version, direction }) => {
    for (const style of ['full', 'sparse'] as const) {
      const bytes = encodeBody(api, direction, version, sampleOf(api, direction, version, style));
      const tolerated = toleratedPrefixes(api, direction, version, bytes.length);
      expect(prefixesTaken(api, direction, version, bytes), `${name} ${style}`).toEqual(tolerated);
    }
  });

  eachApi('lies about lengths are refused with a ProtocolError, or read, and cost next to no memory', (one) => {
    const { name, api, version, direction } = one;
    const bytes = encodeBody(api, direction, version, sampleOf(api, direction, version, 'lone'));
    for (const lie of HOSTILE) {
      for (let at = 0; at + lie.length / 2 <= bytes.length; at++) {
        const used = heapOf(() => isTaken(() => decodeBody(api, direction, version, patched(bytes, at, lie))));
        expect(used, `${name}: ${lie} at ${at}`).toBeLessThan(MOST_HEAP);
      }
    }
  });

  eachApi('anything after the body is refused', ({ name, api, version, direction }) => {
    const bytes = encodeBody(api, direction, version, sampleOf(api, direction, version, 'full'));
    const longer = Buffer.concat([bytes, Buffer.of(0)]);
    expect(
      isTaken(() => decodeBody(api, direction, version, longer)),
      name,
    ).toBe(false);
  });

  eachApi('a tag nobody knows is skipped', ({ name, api, version, direction }) => {
    if (!isFlexible(api, version)) return;
    const sample = sampleOf(api, direction, version, 'sparse');
    const bytes = encodeBody(api, direction, version, sample);
    expect(bytes.at(-1), `${name}: no tags in the sparse sample`).toBe(0);
    const tagged = Buffer.concat([bytes.subarray(0, -1), Buffer.from('016303010203', 'hex')]);
    expect(decodeBody(api, direction, version, tagged), name).toEqual(sample);
  });
});

function patched(bytes: Buffer, at: number, hex: string): Buffer {
  const copy = Buffer.from(bytes);
  copy.write(hex, at, 'hex');
  return copy;
}
