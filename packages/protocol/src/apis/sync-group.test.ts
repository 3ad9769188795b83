import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { SyncGroup } from './sync-group.ts';

const request = {
  groupId: 'g',
  generationId: 3,
  memberId: 'm',
  groupInstanceId: null,
  protocolType: 'consumer',
  protocolName: 'range',
  assignments: [{ memberId: 'm', assignment: Buffer.from('a') }],
};

describe('SyncGroup', () => {
  it('the request has protocol type and name from v5 on; before, they are left out', () => {
    const v0 = bytes`0001 'g' 00000003 0001 'm' 00000001 0001 'm' 00000001 'a'`;
    const v5 = bytes`02 'g' 00000003 02 'm' 00 09 'consumer' 06 'range' 02 02 'm' 02 'a' 00 00`;
    expect(encodeRequest(SyncGroup, 0, request)).toEqual(v0);
    expect(decodeRequest(SyncGroup, 0, v0)).toEqual({ ...request, protocolType: null, protocolName: null });
    expect(encodeRequest(SyncGroup, 5, request)).toEqual(v5);
    expect(decodeRequest(SyncGroup, 5, v5)).toEqual(request);
  });

  it('an instance id is refused below v3: without it the member would not be static', () => {
    expect(() => encodeRequest(SyncGroup, 2, { ...request, groupInstanceId: 'i' })).toThrow(UnsupportedFieldError);
  });

  it('the response carries the assignment as opaque bytes', () => {
    const assignment = Buffer.from('abc');
    const response = { throttleTimeMs: 1, errorCode: 0, protocolType: 'consumer', protocolName: null, assignment };
    const v5 = bytes`00000001 0000 09 'consumer' 00 04 'abc' 00`;
    expect(encodeResponse(SyncGroup, 5, response)).toEqual(v5);
    expect(decodeResponse(SyncGroup, 5, v5)).toEqual(response);
    const empty = { throttleTimeMs: 0, errorCode: 27, protocolType: null, protocolName: null };
    expect(decodeResponse(SyncGroup, 0, bytes`001b 00000000`)).toEqual({ ...empty, assignment: Buffer.alloc(0) });
  });
});
