/**
 * CreateAcls (key 30), v0-3. Adds ACLs (KIP-140). Any broker takes it.
 *
 *   v1  resource_pattern_type: literal or prefixed (KIP-290);
 *       throttling after the answer was sent (KIP-219)
 *   v2  flexible
 *   v3  resource type USER (KIP-373)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type AclRule, aclRule, patternType } from './acl-rule.ts';

export interface CreateAclsRequest {
  creations: CreateAclsRequestCreation[];
}

export interface CreateAclsRequestCreation extends AclRule {
  resourceType: number; // AclResourceType
  resourceName: string;
  resourcePatternType: number; // v1+; AclPatternType
}

export interface CreateAclsResponse {
  throttleTimeMs: number;
  /** In the order of the request. */
  results: CreateAclsResponseResult[];
}

export interface CreateAclsResponseResult {
  errorCode: number;
  errorMessage: string | null;
}

/** Adds ACLs (KIP-140). */
export const CreateAcls: Api<CreateAclsRequest, CreateAclsResponse> = {
  key: 30,
  name: 'CreateAcls',
  versions: [0, 3],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, { creations }: CreateAclsRequest): void {
  w.structs(creations, (creation) => {
    w.int8(creation.resourceType);
    w.string(creation.resourceName);
    patternType.encode(w, 'CreateAcls', v, 'resourcePatternType', creation.resourcePatternType);
    aclRule.encode(w, creation);
  });
  w.tags();
}

function decodeRequest(r: Reader, v: number): CreateAclsRequest {
  const creations = r.structs(() => ({
    resourceType: r.int8(),
    resourceName: r.string(),
    resourcePatternType: patternType.decode(r, v),
    ...aclRule.decode(r),
  }));
  r.tags();
  return { creations };
}

function encodeResponse(w: Writer, _v: number, response: CreateAclsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.results, ({ errorCode, errorMessage }) => {
    w.int16(errorCode);
    w.nullableString(errorMessage);
  });
  w.tags();
}

function decodeResponse(r: Reader): CreateAclsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    results: r.structs(() => ({ errorCode: r.int16(), errorMessage: r.nullableString() })),
  };
  r.tags();
  return response;
}
