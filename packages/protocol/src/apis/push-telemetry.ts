/**
 * PushTelemetry (key 72), v0. Metrics of this client, as GetTelemetrySubscriptions asked for them (KIP-714). Any
 * broker takes them.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface PushTelemetryRequest {
  clientInstanceId: string;
  subscriptionId: number;
  terminating: boolean; // the last push of this client
  compressionType: number; // as in the attributes of a record batch
  metrics: Buffer; // MetricsData v1 of OpenTelemetry, in protobuf
}

export interface PushTelemetryResponse {
  throttleTimeMs: number;
  errorCode: number;
}

/** Metrics of this client, as GetTelemetrySubscriptions asked for them (KIP-714). */
export const PushTelemetry: Api<PushTelemetryRequest, PushTelemetryResponse> = {
  key: 72,
  name: 'PushTelemetry',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: PushTelemetryRequest): void {
  w.uuid(request.clientInstanceId);
  w.int32(request.subscriptionId);
  w.bool(request.terminating);
  w.int8(request.compressionType);
  w.bytes(request.metrics);
  w.tags();
}

function decodeRequest(r: Reader): PushTelemetryRequest {
  const request = {
    clientInstanceId: r.uuid(),
    subscriptionId: r.int32(),
    terminating: r.bool(),
    compressionType: r.int8(),
    metrics: r.bytes(),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: PushTelemetryResponse): void {
  w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  w.tags();
}

function decodeResponse(r: Reader): PushTelemetryResponse {
  const response = { throttleTimeMs: r.int32(), errorCode: r.int16() };
  r.tags();
  return response;
}
