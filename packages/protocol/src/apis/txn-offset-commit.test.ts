import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import { TxnOffsetCommit } from './txn-offset-commit.ts';

const topicId = Buffer.alloc(16, 7).toString('base64url');
const partition = { partitionIndex: 1, committedOffset: 5n, committedLeaderEpoch: -1, committedMetadata: null };
const topic = { name: 't', topicId: ZERO_UUID, partitions: [partition] };
const nobody = { generationId: -1, memberId: '', groupInstanceId: null };
const request = { transactionalId: 'x', groupId: 'g', producerId: 7n, producerEpoch: 2, ...nobody, topics: [topic] };

describe('TxnOffsetCommit', () => {
  it.each([
    [{ generationId: 0 }, 'generationId'],
    [{ memberId: 'm' }, 'memberId'],
    [{ groupInstanceId: 'i' }, 'groupInstanceId'],
    [{ topics: [{ ...topic, name: '', topicId }] }, 'topicId'],
  ])('v2 refuses by name what it cannot carry: %o', (change, field) => {
    expect(() => encodeRequest(TxnOffsetCommit, 2, { ...request, ...change })).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(TxnOffsetCommit, 2, { ...request, ...change })).toThrow(field);
  });

  it('v6 refuses a topic of which only the name is known, in both directions', () => {
    expect(() => encodeRequest(TxnOffsetCommit, 6, request)).toThrow('name');
    const response = { throttleTimeMs: 0, topics: [{ name: 't', topicId: ZERO_UUID, partitions: [] }] };
    expect(() => encodeResponse(TxnOffsetCommit, 6, response)).toThrow('name');
  });

  it('v1 leaves out the leader epoch, which Kafka calls ignorable, and reads it as unknown', () => {
    const partitions = [{ ...partition, committedLeaderEpoch: 9 }];
    const golden = bytes`0001 'x' 0001 'g' 0000000000000007 0002
      00000001 0001 't' 00000001 00000001 0000000000000005 ffff`;
    expect(encodeRequest(TxnOffsetCommit, 1, { ...request, topics: [{ ...topic, partitions }] })).toEqual(golden);
    expect(decodeRequest(TxnOffsetCommit, 1, golden)).toEqual(request);
  });
});
