/**
 * DeleteGroups (key 42), v0-3. Deletes empty groups with their offsets (KIP-229); each group at its coordinator.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 *   v3  error_message in the response
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface DeleteGroupsRequest {
  groupsNames: string[];
}

export interface DeleteGroupsResponse {
  throttleTimeMs: number;
  results: DeleteGroupsResponseResult[];
}

export interface DeleteGroupsResponseResult {
  groupId: string;
  errorCode: number;
  errorMessage: string | null; // v3+
}

/** Deletes empty groups with their offsets (KIP-229); each group at its coordinator. */
export const DeleteGroups: Api<DeleteGroupsRequest, DeleteGroupsResponse> = {
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 3],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DeleteGroupsRequest): void {
  w.array(request.groupsNames, (name) => w.string(name));
  w.tags();
}

function decodeRequest(r: Reader): DeleteGroupsRequest {
  const groupsNames = r.array(() => r.string());
  r.tags();
  return { groupsNames };
}

function encodeResponse(w: Writer, v: number, response: DeleteGroupsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.results, ({ groupId, errorCode, errorMessage }) => {
    w.string(groupId);
    w.int16(errorCode);
    if (v >= 3) w.nullableString(errorMessage);
  });
  w.tags();
}

function decodeResponse(r: Reader, v: number): DeleteGroupsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    results: r.structs(() => ({
      groupId: r.string(),
      errorCode: r.int16(),
      errorMessage: v >= 3 ? r.nullableString() : null,
    })),
  };
  r.tags();
  return response;
}
