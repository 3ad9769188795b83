/**
 * DeleteAcls (key 31), v0-3. Deletes the ACLs that match filters, and tells which those were (KIP-140). Any broker
 * takes it.
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

export interface DeleteAclsRequest {
  filters: DeleteAclsRequestFilter[];
}

export type DeleteAclsRequestFilter = AclFilter;

export interface DeleteAclsResponse {
  throttleTimeMs: number;
  /** In the order of the request. */
  filterResults: DeleteAclsResponseFilterResult[];
}

export interface DeleteAclsResponseFilterResult {
  errorCode: number;
  errorMessage: string | null;
  matchingAcls: DeleteAclsResponseMatchingAcl[];
}

export interface DeleteAclsResponseMatchingAcl extends AclRule {
  errorCode: number;
  errorMessage: string | null;
  resourceType: number; // AclResourceType
  resourceName: string;
  patternType: number; // v1+; AclPatternType
}

/** Deletes the ACLs that match filters, and tells which those were (KIP-140). */
export const DeleteAcls: Api<DeleteAclsRequest, DeleteAclsResponse> = {
  key: 31,
  name: 'DeleteAcls',
  versions: [0, 3],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, { filters }: DeleteAclsRequest): void {
  w.structs(filters, (filter) => aclFilter.encode(w, 'DeleteAcls', v, filter));
  w.tags();
}

function decodeRequest(r: Reader, v: number): DeleteAclsRequest {
  const filters = r.structs(() => aclFilter.decode(r, v));
  r.tags();
  return { filters };
}

function encodeResponse(w: Writer, v: number, response: DeleteAclsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.filterResults, ({ errorCode, errorMessage, matchingAcls }) => {
    w.int16(errorCode);
    w.nullableString(errorMessage);
    w.structs(matchingAcls, (acl) => encodeMatching(w, v, acl));
  });
  w.tags();
}

function encodeMatching(w: Writer, v: number, acl: DeleteAclsResponseMatchingAcl): void {
  w.int16(acl.errorCode);
  w.nullableString(acl.errorMessage);
  w.int8(acl.resourceType);
  w.string(acl.resourceName);
  patternType.encode(w, 'DeleteAcls', v, 'patternType', acl.patternType);
  aclRule.encode(w, acl);
}

function decodeResponse(r: Reader, v: number): DeleteAclsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    filterResults: r.structs(() => ({
      errorCode: r.int16(),
      errorMessage: r.nullableString(),
      matchingAcls: r.structs(() => decodeMatching(r, v)),
    })),
  };
  r.tags();
  return response;
}

function decodeMatching(r: Reader, v: number): DeleteAclsResponseMatchingAcl {
  return {
    errorCode: r.int16(),
    errorMessage: r.nullableString(),
    resourceType: r.int8(),
    resourceName: r.string(),
    patternType: patternType.decode(r, v),
    ...aclRule.decode(r),
  };
}
