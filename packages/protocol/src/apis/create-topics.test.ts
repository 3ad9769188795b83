import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import { CreateTopics, type CreateTopicsResponseTopic } from './create-topics.ts';

const topic = {
  name: 't',
  numPartitions: -1,
  replicationFactor: -1,
  assignments: [{ partitionIndex: 0, brokerIds: [1, 2] }],
  configs: [{ name: 'k', value: null }],
};
const request = { topics: [topic], timeoutMs: 60_000, validateOnly: true };
const created: CreateTopicsResponseTopic = {
  name: 't',
  topicId: 'AAAAAAAAAAAAAAAAAAAAAQ',
  errorCode: 36,
  errorMessage: 'is there',
  topicConfigErrorCode: 29,
  numPartitions: 6,
  replicationFactor: 3,
  configs: [{ name: 'k', value: 'v', readOnly: false, configSource: 5, isSensitive: true }],
};

describe('CreateTopics', () => {
  it('the request has these bytes', () => {
    const v1 = bytes`
      00000001  0001 't' ffffffff ffff
        00000001  00000000 00000002 00000001 00000002
        00000001  0001 'k' ffff
      0000ea60 01
    `;
    const v5 = bytes`
      02  02 't' ffffffff ffff
        02  00000000 03 00000001 00000002 00
        02  02 'k' 00 00
        00
      0000ea60 01 00
    `;
    expect(encodeRequest(CreateTopics, 1, request)).toEqual(v1);
    expect(encodeRequest(CreateTopics, 5, request)).toEqual(v5);
    expect(decodeRequest(CreateTopics, 1, v1)).toEqual(request);
    expect(decodeRequest(CreateTopics, 5, v5)).toEqual(request);
  });

  it('v0 refuses to validate only: it would create the topic', () => {
    expect(() => encodeRequest(CreateTopics, 0, request)).toThrow(UnsupportedFieldError);
  });

  it('the response of v7 has these bytes', () => {
    const v7 = bytes`
      00000001
      02  02 't' 00000000000000000000000000000001 0024 09 'is there' 00000006 0003
        02  02 'k' 02 'v' 00 05 01 00
        01 00 02 001d                     // tag 0: why configs could not be told
      00
    `;
    const response = { throttleTimeMs: 1, topics: [created] };
    expect(encodeResponse(CreateTopics, 7, response)).toEqual(v7);
    expect(decodeResponse(CreateTopics, 7, v7)).toEqual(response);
  });

  it('what the response of v0 lacks is read as its default', () => {
    expect(encodeResponse(CreateTopics, 0, { throttleTimeMs: 1, topics: [created] })).toEqual(
      bytes`00000001 0001 't' 0024`,
    );
    expect(decodeResponse(CreateTopics, 0, bytes`00000001 0001 't' 0024`).topics).toEqual([
      {
        name: 't',
        topicId: ZERO_UUID,
        errorCode: 36,
        errorMessage: null,
        topicConfigErrorCode: 0,
        numPartitions: -1,
        replicationFactor: -1,
        configs: null,
      },
    ]);
  });
});
