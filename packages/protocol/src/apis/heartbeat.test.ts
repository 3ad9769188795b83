import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { Heartbeat } from './heartbeat.ts';

const request = { groupId: 'g', generationId: 3, memberId: 'm', groupInstanceId: 'i' };

describe('Heartbeat', () => {
  it.each([
    [0, null, bytes`0001 'g' 00000003 0001 'm'`],
    [3, 'i', bytes`0001 'g' 00000003 0001 'm' 0001 'i'`],
    [4, 'i', bytes`02 'g' 00000003 02 'm' 02 'i' 00`],
  ])('the request of v%i, with the instance id %j, has these bytes', (version, groupInstanceId, golden) => {
    expect(encodeRequest(Heartbeat, version, { ...request, groupInstanceId })).toEqual(golden);
    expect(decodeRequest(Heartbeat, version, golden)).toEqual({ ...request, groupInstanceId });
  });

  it.each([
    [0, 0, bytes`001b`],
    [1, 5, bytes`00000005 001b`],
    [4, 5, bytes`00000005 001b 00`],
  ])('the response of v%i, with a throttle of %i ms, has these bytes', (version, throttleTimeMs, golden) => {
    expect(encodeResponse(Heartbeat, version, { throttleTimeMs, errorCode: 27 })).toEqual(golden);
    expect(decodeResponse(Heartbeat, version, golden)).toEqual({ throttleTimeMs, errorCode: 27 });
  });

  it('an instance id is refused below v3: without it the member would not be static', () => {
    expect(() => encodeRequest(Heartbeat, 2, request)).toThrow(UnsupportedFieldError);
  });
});
