/**
 * Heartbeat (key 12), v0-4. A member of a classic group tells the coordinator that it is alive; the answer says whether
 * to join again.
 *
 *   v1  throttle_time_ms in the response (KIP-124)
 *   v2  throttling after the answer was sent (KIP-219)
 *   v3  group_instance_id: static membership (KIP-345)
 *   v4  flexible
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface HeartbeatRequest {
  groupId: string;
  generationId: number;
  memberId: string;
  groupInstanceId: string | null; // v3+
}

export interface HeartbeatResponse {
  throttleTimeMs: number; // v1+
  errorCode: number;
}

/** A member of a classic group tells the coordinator that it is alive; the answer says whether to join again. */
export const Heartbeat: Api<HeartbeatRequest, HeartbeatResponse> = {
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexibleFrom: 4,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: HeartbeatRequest): void {
  if (v < 3 && request.groupInstanceId !== null) throw new UnsupportedFieldError('Heartbeat', v, 'groupInstanceId');
  w.string(request.groupId);
  w.int32(request.generationId);
  w.string(request.memberId);
  if (v >= 3) w.nullableString(request.groupInstanceId);
  w.tags();
}

function decodeRequest(r: Reader, v: number): HeartbeatRequest {
  const request = {
    groupId: r.string(),
    generationId: r.int32(),
    memberId: r.string(),
    groupInstanceId: v >= 3 ? r.nullableString() : null,
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: HeartbeatResponse): void {
  if (v >= 1) w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  w.tags();
}

function decodeResponse(r: Reader, v: number): HeartbeatResponse {
  const response = {
    throttleTimeMs: v >= 1 ? r.int32() : 0,
    errorCode: r.int16(),
  };
  r.tags();
  return response;
}
