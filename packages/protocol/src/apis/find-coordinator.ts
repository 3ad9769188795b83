/**
 * FindCoordinator (key 10), v0-6. Which broker coordinates this group, transaction or share state? Any broker answers.
 *
 *   v1  key_type; throttle_time_ms and error_message in the response (KIP-98)
 *   v2  throttling after the answer was sent (KIP-219)
 *   v3  flexible
 *   v4  many keys in one request, one coordinator for each (KIP-699)
 *   v5  may answer TRANSACTION_ABORTABLE (KIP-890)
 *   v6  key type SHARE; the key is `group:topicId:partition` (KIP-932)
 *
 * In memory there is only the shape of v4: up to v3 the lists have exactly one element, and its key is '' in a response
 * that was decoded.
 */
import type { Api } from '../api.ts';
import { CoordinatorType } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { onlyElement } from './only-element.ts';

export interface FindCoordinatorRequest {
  keyType: number; // v1+; CoordinatorType
  coordinatorKeys: string[]; // group ids, transactional ids
}

export interface FindCoordinatorResponse {
  throttleTimeMs: number; // v1+
  coordinators: FindCoordinatorResponseCoordinator[];
}

export interface FindCoordinatorResponseCoordinator {
  key: string; // v4+
  nodeId: number; // -1 with an error
  host: string;
  port: number;
  errorCode: number;
  errorMessage: string | null; // v1+
}

/** Which broker coordinates this group, transaction or share state? */
export const FindCoordinator: Api<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 6],
  flexibleFrom: 3,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: FindCoordinatorRequest): void {
  if (v === 0 && request.keyType !== CoordinatorType.group) {
    throw new UnsupportedFieldError('FindCoordinator', v, 'keyType');
  }
  if (v <= 3) w.string(onlyElement(request.coordinatorKeys, 'FindCoordinator', v, 'keys'));
  if (v >= 1) w.int8(request.keyType);
  if (v >= 4) w.array(request.coordinatorKeys, (key) => w.string(key));
  w.tags();
}

function decodeRequest(r: Reader, v: number): FindCoordinatorRequest {
  const key = v <= 3 ? [r.string()] : [];
  const keyType = v >= 1 ? r.int8() : CoordinatorType.group;
  const coordinatorKeys = v <= 3 ? key : r.array(() => r.string());
  r.tags();
  return { keyType, coordinatorKeys };
}

function encodeResponse(w: Writer, v: number, response: FindCoordinatorResponse): void {
  if (v >= 1) w.int32(response.throttleTimeMs);
  if (v <= 3) encodeOnly(w, v, onlyElement(response.coordinators, 'FindCoordinator', v, 'coordinators'));
  else w.structs(response.coordinators, (coordinator) => encodeCoordinator(w, coordinator));
  w.tags();
}

function encodeOnly(w: Writer, v: number, coordinator: FindCoordinatorResponseCoordinator): void {
  w.int16(coordinator.errorCode);
  if (v >= 1) w.nullableString(coordinator.errorMessage);
  w.int32(coordinator.nodeId);
  w.string(coordinator.host);
  w.int32(coordinator.port);
}

function encodeCoordinator(w: Writer, coordinator: FindCoordinatorResponseCoordinator): void {
  w.string(coordinator.key);
  w.int32(coordinator.nodeId);
  w.string(coordinator.host);
  w.int32(coordinator.port);
  w.int16(coordinator.errorCode);
  w.nullableString(coordinator.errorMessage);
}

function decodeResponse(r: Reader, v: number): FindCoordinatorResponse {
  const response = {
    throttleTimeMs: v >= 1 ? r.int32() : 0,
    coordinators: v <= 3 ? [decodeOnly(r, v)] : r.structs(() => decodeCoordinator(r)),
  };
  r.tags();
  return response;
}

function decodeOnly(r: Reader, v: number): FindCoordinatorResponseCoordinator {
  const errorCode = r.int16();
  const errorMessage = v >= 1 ? r.nullableString() : null;
  return { key: '', nodeId: r.int32(), host: r.string(), port: r.int32(), errorCode, errorMessage };
}

function decodeCoordinator(r: Reader): FindCoordinatorResponseCoordinator {
  return {
    key: r.string(),
    nodeId: r.int32(),
    host: r.string(),
    port: r.int32(),
    errorCode: r.int16(),
    errorMessage: r.nullableString(),
  };
}
