import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import { DeleteTopics } from './delete-topics.ts';

const byName = { topics: [], topicNames: ['t'], timeoutMs: 5 };
const byId = { topics: [{ name: null, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' }], topicNames: [], timeoutMs: 5 };

describe('DeleteTopics', () => {
  it('the request names topics up to v5, and by name or id from v6 on', () => {
    const v6 = bytes`02 00 00000000000000000000000000000001 00 00000005 00`;
    expect(encodeRequest(DeleteTopics, 0, byName)).toEqual(bytes`00000001 0001 't' 00000005`);
    expect(encodeRequest(DeleteTopics, 5, byName)).toEqual(bytes`02 02 't' 00000005 00`);
    expect(encodeRequest(DeleteTopics, 6, byId)).toEqual(v6);
    expect(decodeRequest(DeleteTopics, 5, bytes`02 02 't' 00000005 00`)).toEqual(byName);
    expect(decodeRequest(DeleteTopics, 6, v6)).toEqual(byId);
  });

  it('topics in the list that the version lacks are refused, not forgotten', () => {
    expect(() => encodeRequest(DeleteTopics, 6, byName)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(DeleteTopics, 5, byId)).toThrow(UnsupportedFieldError);
  });

  it('the response has these bytes', () => {
    const deleted = { name: 't', topicId: ZERO_UUID, errorCode: 3, errorMessage: 'gone' };
    const response = { throttleTimeMs: 1, responses: [deleted] };
    const v5 = bytes`00000001 02 02 't' 0003 05 'gone' 00 00`;
    expect(encodeResponse(DeleteTopics, 5, response)).toEqual(v5);
    expect(decodeResponse(DeleteTopics, 5, v5)).toEqual(response);
    const v6 = bytes`00000001 02 00 00000000000000000000000000000000 0003 05 'gone' 00 00`;
    const nameless = { throttleTimeMs: 1, responses: [{ ...deleted, name: null }] };
    expect(encodeResponse(DeleteTopics, 6, nameless)).toEqual(v6);
    expect(decodeResponse(DeleteTopics, 6, v6)).toEqual(nameless);
    expect(() => encodeResponse(DeleteTopics, 5, nameless)).toThrow(UnsupportedFieldError);
  });
});
