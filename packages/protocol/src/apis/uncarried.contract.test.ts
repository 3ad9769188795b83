// Values that a version cannot carry, by example; lacking.contract.test.ts tries them all, where Kafka's jars are.
import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { encodeBody } from '../testing/direction.ts';
import { sampleOf } from '../testing/sample-reader.ts';
import { apis } from './index.ts';

describe('a value this version cannot carry', () => {
  const request = (name: string, version: number, change: object): (() => Buffer) => {
    const api = apis.find((candidate) => candidate.name === name);
    if (!api) throw new RangeError(`no API ${name}`);
    const sample = sampleOf(api, 'request', version, 'lone');
    return () => encodeBody(api, 'request', version, Object.assign(sample as object, change));
  };
  const topicId = Buffer.alloc(16, 7).toString('base64url');
  const group = { groupId: 'g', memberId: null, memberEpoch: -1, topics: [] };

  it.each([
    ['Produce', 2, { transactionalId: 't' }, 'transactionalId'],
    ['Produce', 12, { topicData: [{ name: '', topicId, partitionData: [] }] }, 'topicId'],
    ['Fetch', 14, { replicaState: { replicaId: 1, replicaEpoch: 1n } }, 'replicaState'],
    ['Fetch', 15, { replicaId: 1 }, 'replicaId'],
    ['Fetch', 6, { forgottenTopicsData: [{ topic: 't', topicId, partitions: [] }] }, 'forgottenTopicsData'],
    ['Fetch', 13, { topics: [{ topic: 't', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitions: [] }] }, 'name'],
    ['ListOffsets', 1, { isolationLevel: 1 }, 'isolationLevel'],
    ['Metadata', 0, { topics: [] }, 'empty list'],
    ['Metadata', 3, { allowAutoTopicCreation: false }, 'allowAutoTopicCreation'],
    ['Metadata', 7, { includeTopicAuthorizedOperations: true }, 'includeTopicAuthorizedOperations'],
    ['Metadata', 11, { includeClusterAuthorizedOperations: true }, 'includeClusterAuthorizedOperations'],
    ['Metadata', 9, { topics: [{ topicId, name: null }] }, 'without a name'],
    ['OffsetCommit', 6, { groupInstanceId: 'i' }, 'groupInstanceId'],
    ['OffsetFetch', 1, { groups: [{ ...group, topics: null }] }, 'topics'],
    ['OffsetFetch', 6, { requireStable: true }, 'requireStable'],
    ['OffsetFetch', 7, { groups: [group, group] }, '2 groups'],
    ['FindCoordinator', 0, { keyType: 1 }, 'keyType'],
    ['FindCoordinator', 3, { coordinatorKeys: [] }, '0 keys'],
    ['JoinGroup', 4, { groupInstanceId: 'i' }, 'groupInstanceId'],
  ])('is refused by name when it matters: %s v%i %o', (name, version, change, field) => {
    expect(request(name, version, change)).toThrow(UnsupportedFieldError);
    expect(request(name, version, change)).toThrow(field);
  });

  it.each([
    ['Fetch', 2, { maxBytes: 5, isolationLevel: 1, sessionId: 3, sessionEpoch: 4, rackId: 'r' }],
    ['ListOffsets', 9, { timeoutMs: 100 }],
    ['OffsetCommit', 0, { generationIdOrMemberEpoch: 4, memberId: 'm', retentionTimeMs: 9n }],
    ['JoinGroup', 0, { rebalanceTimeoutMs: 5, reason: 'why' }],
  ])('is left out when Kafka calls it ignorable: %s v%i %o', (name, version, change) => {
    expect(request(name, version, change)()).toEqual(request(name, version, {})());
  });
});
