/**
 * DescribeAcls (key 29), v0-3. The ACLs that match a filter, by resource (KIP-140). Any broker answers.
 *
 *   v1  pattern types: literal, prefixed, and to filter by also any and match (KIP-290);
 *       throttling after the answer was sent (KIP-219)
 *   v2  flexible
 *   v3  resource type USER (KIP-373)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type AclFilter, aclFilter } from './acl-filter.ts';
import { type AclRule, aclRule, patternType } from './acl-rule.ts';

export type DescribeAclsRequest = AclFilter;
export type DescribeAclsResponseAcl = AclRule;

export interface DescribeAclsResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  resources: DescribeAclsResponseResource[];
}

export interface DescribeAclsResponseResource {
  resourceType: number; // AclResourceType
  resourceName: string;
  patternType: number; // v1+; AclPatternType
  acls: DescribeAclsResponseAcl[];
}

/** The ACLs that match a filter, by resource (KIP-140). */
export const DescribeAcls: Api<DescribeAclsRequest, DescribeAclsResponse> = {
  key: 29,
  name: 'DescribeAcls',
  versions: [0, 3],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, filter: DescribeAclsRequest): void {
  aclFilter.encode(w, 'DescribeAcls', v, filter);
  w.tags();
}

function decodeRequest(r: Reader, v: number): DescribeAclsRequest {
  const filter = aclFilter.decode(r, v);
  r.tags();
  return filter;
}

function encodeResponse(w: Writer, v: number, response: DescribeAclsResponse): void {
  w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  w.nullableString(response.errorMessage);
  w.structs(response.resources, (resource) => {
    w.int8(resource.resourceType);
    w.string(resource.resourceName);
    patternType.encode(w, 'DescribeAcls', v, 'patternType', resource.patternType);
    w.structs(resource.acls, (acl) => aclRule.encode(w, acl));
  });
  w.tags();
}

function decodeResponse(r: Reader, v: number): DescribeAclsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    errorCode: r.int16(),
    errorMessage: r.nullableString(),
    resources: r.structs(() => ({
      resourceType: r.int8(),
      resourceName: r.string(),
      patternType: patternType.decode(r, v),
      acls: r.structs(() => aclRule.decode(r)),
    })),
  };
  r.tags();
  return response;
}
