import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { ShareFetch, type ShareFetchRequest } from './share-fetch.ts';

const topicId = Buffer.alloc(16, 7).toString('base64url');

function requestOf(change: Partial<ShareFetchRequest>, partitionMaxBytes = 0): ShareFetchRequest {
  return {
    groupId: 'g',
    memberId: 'm',
    shareSessionEpoch: 0,
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 1024,
    maxRecords: 0,
    batchSize: 0,
    shareAcquireMode: 0,
    isRenewAck: false,
    topics: [{ topicId, partitions: [{ partitionIndex: 2, partitionMaxBytes, acknowledgementBatches: [] }] }],
    forgottenTopicsData: [],
    ...change,
  };
}

describe('ShareFetch', () => {
  it.each([
    [0, requestOf({ maxRecords: 100 }), 'maxRecords'],
    [0, requestOf({ batchSize: 100 }), 'batchSize'],
    [1, requestOf({ isRenewAck: true }), 'isRenewAck'],
    [1, requestOf({}, 1024), 'partitionMaxBytes'],
  ])('v%i refuses what it cannot carry: %$', (version, request, field) => {
    expect(() => encodeRequest(ShareFetch, version, request)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(ShareFetch, version, request)).toThrow(field);
  });

  it('below v2 the acquire mode is left out: it is a wish, not a condition', () => {
    const bytesOf = (shareAcquireMode: number): Buffer => encodeRequest(ShareFetch, 1, requestOf({ shareAcquireMode }));
    expect(bytesOf(1)).toEqual(bytesOf(0));
    expect(decodeRequest(ShareFetch, 1, bytesOf(1)).shareAcquireMode).toBe(0);
  });

  it.each([0, 1, 2])('v%i reads an answer whose records are null, which brokers other than Kafka write', (version) => {
    const head = version === 0 ? bytes`00000000 0000 00` : bytes`00000000 0000 00 00007530`;
    const leader = bytes`00000001 00000005 00`;
    const partition = bytes`00000002 0006 00 0000 00 ${leader} 00 01 00`;
    const answer = bytes`${head} 02 ${Buffer.alloc(16, 7)} 02 ${partition} 00  01  00`;
    const response = decodeResponse(ShareFetch, version, answer);
    expect(response.responses[0]?.partitions[0]).toMatchObject({
      errorCode: 6,
      currentLeader: { leaderId: 1, leaderEpoch: 5 },
      records: null,
    });
    expect(encodeResponse(ShareFetch, version, response)).toEqual(answer);
  });
});
