import { describe, expect, it } from 'vitest';
import { OPERATIONS_NOT_ASKED } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { DescribeGroups } from './describe-groups.ts';

describe('DescribeGroups', () => {
  it('below v3 asking for the authorized operations is refused by name', () => {
    const request = { groups: ['g'], includeAuthorizedOperations: true };
    expect(() => encodeRequest(DescribeGroups, 2, request)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(DescribeGroups, 2, request)).toThrow('includeAuthorizedOperations');
    expect(encodeRequest(DescribeGroups, 3, request)).toEqual(bytes`00000001 0001 'g' 01`);
  });

  it('a response that cannot carry the newer fields leaves them out, and reads as if nothing had been asked', () => {
    const text = { groupId: 'g', groupState: 'Dead', protocolType: '', protocolData: '' };
    const group = {
      errorCode: 0,
      errorMessage: null,
      ...text,
      members: [],
      authorizedOperations: OPERATIONS_NOT_ASKED,
    };
    const v0 = bytes`00000001 0000 0001 'g' 0004 'Dead' 0000 0000 00000000`;
    const newer = { ...group, errorMessage: 'no such group', authorizedOperations: 8 };
    expect(encodeResponse(DescribeGroups, 0, { throttleTimeMs: 7, groups: [newer] })).toEqual(v0);
    expect(decodeResponse(DescribeGroups, 0, v0)).toEqual({ throttleTimeMs: 0, groups: [group] });
  });
});
