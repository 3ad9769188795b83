import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { LeaveGroup } from './leave-group.ts';

const one = { memberId: 'm', groupInstanceId: null, reason: null };
const two = [
  { memberId: 'm', groupInstanceId: 'i', reason: 'done' },
  { memberId: '', groupInstanceId: 'j', reason: null },
];

describe('LeaveGroup', () => {
  it('below v3 the only member stands in the request by its id', () => {
    const golden = bytes`0001 'g' 0001 'm'`;
    expect(encodeRequest(LeaveGroup, 2, { groupId: 'g', members: [{ ...one, reason: 'ignorable' }] })).toEqual(golden);
    expect(decodeRequest(LeaveGroup, 2, golden)).toEqual({ groupId: 'g', members: [one] });
  });

  it('from v3 on there are many members, from v5 on with a reason', () => {
    const v3 = bytes`0001 'g' 00000002  0001 'm' 0001 'i'  0000 0001 'j'`;
    const v5 = bytes`02 'g' 03  02 'm' 02 'i' 05 'done' 00  01 02 'j' 00 00  00`;
    expect(encodeRequest(LeaveGroup, 3, { groupId: 'g', members: two })).toEqual(v3);
    expect(encodeRequest(LeaveGroup, 5, { groupId: 'g', members: two })).toEqual(v5);
    expect(decodeRequest(LeaveGroup, 5, v5)).toEqual({ groupId: 'g', members: two });
  });

  it('below v3 no, many or static members are refused', () => {
    for (const members of [[], [one, one], [{ ...one, groupInstanceId: 'i' }]]) {
      expect(() => encodeRequest(LeaveGroup, 2, { groupId: 'g', members })).toThrow(UnsupportedFieldError);
    }
  });

  it('the response has an error for each member from v3 on', () => {
    const members = [{ memberId: 'm', groupInstanceId: null, errorCode: 25 }];
    const response = { throttleTimeMs: 1, errorCode: 0, members };
    const v3 = bytes`00000001 0000 00000001 0001 'm' ffff 0019`;
    expect(encodeResponse(LeaveGroup, 3, response)).toEqual(v3);
    expect(decodeResponse(LeaveGroup, 3, v3)).toEqual(response);
    expect(encodeResponse(LeaveGroup, 0, response)).toEqual(bytes`0000`);
    expect(decodeResponse(LeaveGroup, 0, bytes`0019`)).toEqual({ throttleTimeMs: 0, errorCode: 25, members: [] });
  });
});
