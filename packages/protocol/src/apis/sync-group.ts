/**
 * SyncGroup (key 14), v0-5. The leader of a classic group hands in the assignment; every member gets its part
 * from the coordinator.
 *
 *   v1  throttle_time_ms in the response (KIP-124)
 *   v2  throttling after the answer was sent (KIP-219)
 *   v3  group_instance_id: static membership (KIP-345)
 *   v4  flexible
 *   v5  protocol_type and protocol_name both ways, to be compared by the other side (KIP-559)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface SyncGroupRequest {
  groupId: string;
  generationId: number;
  memberId: string;
  groupInstanceId: string | null; // v3+
  protocolType: string | null; // v5+; ignorable
  protocolName: string | null; // v5+; ignorable
  /** Empty unless the sender is the leader. */
  assignments: SyncGroupRequestAssignment[];
}

export interface SyncGroupRequestAssignment {
  memberId: string;
  assignment: Buffer;
}

export interface SyncGroupResponse {
  throttleTimeMs: number; // v1+
  errorCode: number;
  protocolType: string | null; // v5+
  protocolName: string | null; // v5+
  /** Empty on an error, and for a member the leader left out. A view that pins the response. */
  assignment: Buffer;
}

/** The leader of a classic group hands in the assignment; every member gets its part from the coordinator. */
export const SyncGroup: Api<SyncGroupRequest, SyncGroupResponse> = {
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: SyncGroupRequest): void {
  if (v < 3 && request.groupInstanceId !== null) throw new UnsupportedFieldError('SyncGroup', v, 'groupInstanceId');
  w.string(request.groupId);
  w.int32(request.generationId);
  w.string(request.memberId);
  if (v >= 3) w.nullableString(request.groupInstanceId);
  if (v >= 5) w.nullableString(request.protocolType);
  if (v >= 5) w.nullableString(request.protocolName);
  w.structs(request.assignments, ({ memberId, assignment }) => {
    w.string(memberId);
    w.bytes(assignment);
  });
  w.tags();
}

function decodeRequest(r: Reader, v: number): SyncGroupRequest {
  const request = {
    groupId: r.string(),
    generationId: r.int32(),
    memberId: r.string(),
    groupInstanceId: v >= 3 ? r.nullableString() : null,
    protocolType: v >= 5 ? r.nullableString() : null,
    protocolName: v >= 5 ? r.nullableString() : null,
    assignments: r.structs(() => ({ memberId: r.string(), assignment: r.bytes() })),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: SyncGroupResponse): void {
  if (v >= 1) w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  if (v >= 5) w.nullableString(response.protocolType);
  if (v >= 5) w.nullableString(response.protocolName);
  w.bytes(response.assignment);
  w.tags();
}

function decodeResponse(r: Reader, v: number): SyncGroupResponse {
  const response = {
    throttleTimeMs: v >= 1 ? r.int32() : 0,
    errorCode: r.int16(),
    protocolType: v >= 5 ? r.nullableString() : null,
    protocolName: v >= 5 ? r.nullableString() : null,
    assignment: r.bytes(),
  };
  r.tags();
  return response;
}
