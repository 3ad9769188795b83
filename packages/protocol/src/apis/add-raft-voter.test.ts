import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { AddRaftVoter } from './add-raft-voter.ts';

const request = {
  clusterId: 'c',
  timeoutMs: 5,
  voterId: 3,
  voterDirectoryId: 'AAAAAAAAAAAAAAAAAAAAAQ',
  listeners: [{ name: 'L', host: 'h', port: 0xff00 }],
  ackWhenCommitted: true,
};
const hasty = { ...request, ackWhenCommitted: false };

describe('AddRaftVoter', () => {
  it('the request has these bytes; the port is unsigned', () => {
    const v0 = bytes`02 'c' 00000005 00000003 00000000000000000000000000000001 02 02 'L' 02 'h' ff00 00 00`;
    const v1 = bytes`02 'c' 00000005 00000003 00000000000000000000000000000001 02 02 'L' 02 'h' ff00 00 00 00`;
    expect(encodeRequest(AddRaftVoter, 0, request)).toEqual(v0);
    expect(decodeRequest(AddRaftVoter, 0, v0)).toEqual(request);
    expect(encodeRequest(AddRaftVoter, 1, hasty)).toEqual(v1);
    expect(decodeRequest(AddRaftVoter, 1, v1)).toEqual(hasty);
  });

  it('the response has these bytes in both versions', () => {
    const response = { throttleTimeMs: 1, errorCode: 126, errorMessage: 'no' };
    for (const version of [0, 1]) {
      expect(encodeResponse(AddRaftVoter, version, response)).toEqual(bytes`00000001 007e 03 'no' 00`);
      expect(decodeResponse(AddRaftVoter, version, bytes`00000001 007e 03 'no' 00`)).toEqual(response);
    }
  });

  it('v0, which always waits for the commit, cannot be asked not to', () => {
    expect(() => encodeRequest(AddRaftVoter, 0, hasty)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(AddRaftVoter, 0, hasty)).toThrow('ackWhenCommitted');
  });
});
