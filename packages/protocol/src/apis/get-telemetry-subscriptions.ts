/**
 * GetTelemetrySubscriptions (key 71), v0. Which metrics of this client the cluster wants to have pushed (KIP-714).
 * Any broker answers; brokers without a receiver for metrics do not advertise it.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface GetTelemetrySubscriptionsRequest {
  clientInstanceId: string; // ZERO_UUID at first: the broker makes one
}

export interface GetTelemetrySubscriptionsResponse {
  throttleTimeMs: number;
  errorCode: number;
  clientInstanceId: string; // the one that was made; ZERO_UUID when the request had one
  subscriptionId: number; // to be sent with each push
  acceptedCompressionTypes: number[]; // as in the attributes of a record batch, the preferred one first
  pushIntervalMs: number;
  telemetryMaxBytes: number; // of a push, compressed
  deltaTemporality: boolean; // counters since the last push; false: since the client began
  requestedMetrics: string[]; // prefixes of names; empty: none, a single '': all
}

/** Which metrics of this client the cluster wants to have pushed (KIP-714). */
export const GetTelemetrySubscriptions: Api<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse> = {
  key: 71,
  name: 'GetTelemetrySubscriptions',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: GetTelemetrySubscriptionsRequest): void {
  w.uuid(request.clientInstanceId);
  w.tags();
}

function decodeRequest(r: Reader): GetTelemetrySubscriptionsRequest {
  const request = { clientInstanceId: r.uuid() };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: GetTelemetrySubscriptionsResponse): void {
  w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  w.uuid(response.clientInstanceId);
  w.int32(response.subscriptionId);
  w.array(response.acceptedCompressionTypes, (type) => w.int8(type));
  w.int32(response.pushIntervalMs);
  w.int32(response.telemetryMaxBytes);
  w.bool(response.deltaTemporality);
  w.array(response.requestedMetrics, (prefix) => w.string(prefix));
  w.tags();
}

function decodeResponse(r: Reader): GetTelemetrySubscriptionsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    errorCode: r.int16(),
    clientInstanceId: r.uuid(),
    subscriptionId: r.int32(),
    acceptedCompressionTypes: r.array(() => r.int8()),
    pushIntervalMs: r.int32(),
    telemetryMaxBytes: r.int32(),
    deltaTemporality: r.bool(),
    requestedMetrics: r.array(() => r.string()),
  };
  r.tags();
  return response;
}
