import { describe, expect, it } from 'vitest';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { RemoveRaftVoter } from './remove-raft-voter.ts';

describe('RemoveRaftVoter', () => {
  it('the request has these bytes, with and without a cluster', () => {
    const request = { clusterId: 'c', voterId: 3, voterDirectoryId: 'AAAAAAAAAAAAAAAAAAAAAQ' };
    const inCluster = bytes`02 'c' 00000003 00000000000000000000000000000001 00`;
    expect(encodeRequest(RemoveRaftVoter, 0, request)).toEqual(inCluster);
    expect(decodeRequest(RemoveRaftVoter, 0, inCluster)).toEqual(request);
    const anywhere = bytes`00 00000003 00000000000000000000000000000001 00`;
    expect(encodeRequest(RemoveRaftVoter, 0, { ...request, clusterId: null })).toEqual(anywhere);
  });

  it('the response has these bytes', () => {
    const response = { throttleTimeMs: 1, errorCode: 0, errorMessage: null };
    expect(encodeResponse(RemoveRaftVoter, 0, response)).toEqual(bytes`00000001 0000 00 00`);
    expect(decodeResponse(RemoveRaftVoter, 0, bytes`00000001 0000 00 00`)).toEqual(response);
  });
});
