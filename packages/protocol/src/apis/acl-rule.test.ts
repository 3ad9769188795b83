import { describe, expect, it } from 'vitest';
import { AclPatternType } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { CreateAcls } from './create-acls.ts';
import { DeleteAcls } from './delete-acls.ts';
import { DescribeAcls, type DescribeAclsRequest } from './describe-acls.ts';

const { literal: LITERAL, prefixed: PREFIXED } = AclPatternType;
const rule = { principal: 'User:a', host: '*', operation: 3, permissionType: 3 };
const ok = { throttleTimeMs: 0, errorCode: 0, errorMessage: null };

function filter(patternTypeFilter: number): DescribeAclsRequest {
  const names = { resourceNameFilter: 't', principalFilter: null, hostFilter: null };
  return { resourceTypeFilter: 2, patternTypeFilter, operation: 1, permissionType: 1, ...names };
}

/** Each message with a pattern type in it. */
const carriers: readonly [string, (version: number, patternType: number) => Buffer][] = [
  ['DescribeAcls request', (v, patternType) => encodeRequest(DescribeAcls, v, filter(patternType))],
  ['DeleteAcls request', (v, patternType) => encodeRequest(DeleteAcls, v, { filters: [filter(patternType)] })],
  [
    'CreateAcls request',
    (v, resourcePatternType) => {
      const creations = [{ resourceType: 2, resourceName: 't', resourcePatternType, ...rule }];
      return encodeRequest(CreateAcls, v, { creations });
    },
  ],
  [
    'DescribeAcls response',
    (v, patternType) => {
      const resources = [{ resourceType: 2, resourceName: 't', patternType, acls: [rule] }];
      return encodeResponse(DescribeAcls, v, { ...ok, resources });
    },
  ],
  [
    'DeleteAcls response',
    (v, patternType) => {
      const matchingAcls = [{ ...ok, resourceType: 2, resourceName: 't', patternType, ...rule }];
      return encodeResponse(DeleteAcls, v, { throttleTimeMs: 0, filterResults: [{ ...ok, matchingAcls }] });
    },
  ],
];

describe('the pattern type of an ACL', () => {
  it.each(carriers)('is refused by v0 when it is not literal, for another ACL would be meant: %s', (_what, encode) => {
    expect(() => encode(0, PREFIXED)).toThrow(UnsupportedFieldError);
    expect(() => encode(0, PREFIXED)).toThrow(/atternType(Filter)? 4/);
  });

  it.each(carriers)('takes a byte from v1 on, and none in v0: %s', (_what, encode) => {
    expect(encode(1, PREFIXED).length).toBe(encode(0, LITERAL).length + 1);
  });

  it('is read as literal in v0', () => {
    const v0 = bytes`02 0001 't' ffff ffff 01 01`;
    expect(encodeRequest(DescribeAcls, 0, filter(LITERAL))).toEqual(v0);
    expect(decodeRequest(DescribeAcls, 0, v0)).toEqual(filter(LITERAL));
  });
});
