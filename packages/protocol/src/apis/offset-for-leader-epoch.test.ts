import { describe, expect, it } from 'vitest';
import { decodeRequest, decodeResponse, encodeRequest } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { OffsetForLeaderEpoch } from './offset-for-leader-epoch.ts';

describe('OffsetForLeaderEpoch', () => {
  const partition = { partition: 1, currentLeaderEpoch: 9, leaderEpoch: 5 };
  const request = { replicaId: -1, topics: [{ topic: 't', partitions: [partition] }] };

  it('older versions leave out who asks and in which epoch, which Kafka calls ignorable', () => {
    const v1 = bytes`00000001 0001 't' 00000001 00000001 00000005`;
    expect(encodeRequest(OffsetForLeaderEpoch, 1, request)).toEqual(v1);
    const unknown = { ...partition, currentLeaderEpoch: -1 };
    const read = { replicaId: -2, topics: [{ topic: 't', partitions: [unknown] }] };
    expect(decodeRequest(OffsetForLeaderEpoch, 1, v1)).toEqual(read);
  });

  it('an answer of v0 tells no epoch, which is not epoch 0', () => {
    const v0 = bytes`00000001 0001 't' 00000001 0000 00000001 0000000000000007`;
    const answer = { errorCode: 0, partition: 1, leaderEpoch: -1, endOffset: 7n };
    const topics = [{ topic: 't', partitions: [answer] }];
    expect(decodeResponse(OffsetForLeaderEpoch, 0, v0)).toEqual({ throttleTimeMs: 0, topics });
  });
});
