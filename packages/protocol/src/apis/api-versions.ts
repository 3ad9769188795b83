/**
 * ApiVersions (key 18), v0-5. Which APIs and versions does this broker or controller take? The first request of every
 * connection (KIP-35).
 *
 *   v1  throttle_time_ms in the response (KIP-124)
 *   v2  throttling after the answer was sent (KIP-219)
 *   v3  flexible body, but the response header stays v0 (KIP-511); name and version of the client's software;
 *       feature levels as tagged fields (KIP-584)
 *   v4  a feature's minimum may be 0
 *   v5  cluster_id and node_id: a broker that is not the one meant answers REBOOTSTRAP_REQUIRED (KIP-1242)
 *
 * A version the broker does not know is answered in the layout of v0 with UNSUPPORTED_VERSION (KIP-511): whoever decodes
 * an answer of any version gets that too. `decodeApiVersionsRefusal` reads one whose version is not known.
 */
import type { Api } from '../api.ts';
import { Errors } from '../error-codes.ts';
import { ProtocolError } from '../errors.ts';
import { Reader } from '../wire/reader.ts';
import type { TaggedField, Writer } from '../wire/writer.ts';

/** All fields are ignorable: the request is sent before it is known what the broker takes. */
export interface ApiVersionsRequest {
  clientSoftwareName: string; // v3+
  clientSoftwareVersion: string; // v3+
  clusterId: string | null; // v5+
  nodeId: number; // v5+; -1: any
}

export interface ApiVersionsResponse {
  errorCode: number;
  apiKeys: ApiVersionsResponseApiKey[];
  throttleTimeMs: number; // v1+
  supportedFeatures: ApiVersionsResponseSupportedFeature[]; // v3+, tag 0
  finalizedFeaturesEpoch: bigint; // v3+, tag 1; -1: unknown
  finalizedFeatures: ApiVersionsResponseFinalizedFeature[]; // v3+, tag 2
  zkMigrationReady: boolean; // v3+, tag 3
}

export interface ApiVersionsResponseApiKey {
  apiKey: number;
  minVersion: number;
  maxVersion: number;
}

export interface ApiVersionsResponseSupportedFeature {
  name: string;
  minVersion: number;
  maxVersion: number;
}

export interface ApiVersionsResponseFinalizedFeature {
  name: string;
  maxVersionLevel: number;
  minVersionLevel: number;
}

/** Which APIs and versions does this broker or controller take? */
export const ApiVersions: Api<ApiVersionsRequest, ApiVersionsResponse> = {
  key: 18,
  name: 'ApiVersions',
  versions: [0, 5],
  flexibleFrom: 3,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

/**
 * Reads the answer to a version that the broker did not take: an error code, then in most brokers a list as in v0
 * (empty, or with the range of ApiVersions itself), in some of them something else, which counts as an empty list.
 *
 * @param body what follows the correlation id
 * @throws {ProtocolError} when there is not even an error code
 */
export function decodeApiVersionsRefusal(body: Buffer): Pick<ApiVersionsResponse, 'errorCode' | 'apiKeys'> {
  const r = new Reader(body);
  const errorCode = r.int16();
  try {
    return { errorCode, apiKeys: r.structs(() => decodeApiKey(r)) };
  } catch (error) {
    if (error instanceof ProtocolError) return { errorCode, apiKeys: [] };
    throw error;
  }
}

function encodeRequest(w: Writer, v: number, request: ApiVersionsRequest): void {
  if (v >= 3) w.string(request.clientSoftwareName);
  if (v >= 3) w.string(request.clientSoftwareVersion);
  if (v >= 5) w.nullableString(request.clusterId);
  if (v >= 5) w.int32(request.nodeId);
  w.tags();
}

function decodeRequest(r: Reader, v: number): ApiVersionsRequest {
  const request = {
    clientSoftwareName: v >= 3 ? r.string() : '',
    clientSoftwareVersion: v >= 3 ? r.string() : '',
    clusterId: v >= 5 ? r.nullableString() : null,
    nodeId: v >= 5 ? r.int32() : -1,
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: ApiVersionsResponse): void {
  w.int16(response.errorCode);
  w.structs(response.apiKeys, ({ apiKey, minVersion, maxVersion }) => {
    w.int16(apiKey);
    w.int16(minVersion);
    w.int16(maxVersion);
  });
  if (v >= 1) w.int32(response.throttleTimeMs);
  w.tags(...featureTags(response));
}

function featureTags(response: ApiVersionsResponse): (TaggedField | null)[] {
  const { supportedFeatures, finalizedFeaturesEpoch, finalizedFeatures, zkMigrationReady } = response;
  return [
    supportedFeatures.length > 0 ? [0, (w) => encodeSupportedFeatures(w, supportedFeatures)] : null,
    finalizedFeaturesEpoch !== -1n ? [1, (w) => w.int64(finalizedFeaturesEpoch)] : null,
    finalizedFeatures.length > 0 ? [2, (w) => encodeFinalizedFeatures(w, finalizedFeatures)] : null,
    zkMigrationReady ? [3, (w) => w.bool(zkMigrationReady)] : null,
  ];
}

function encodeSupportedFeatures(w: Writer, features: readonly ApiVersionsResponseSupportedFeature[]): void {
  w.structs(features, ({ name, minVersion, maxVersion }) => {
    w.string(name);
    w.int16(minVersion);
    w.int16(maxVersion);
  });
}

function encodeFinalizedFeatures(w: Writer, features: readonly ApiVersionsResponseFinalizedFeature[]): void {
  w.structs(features, ({ name, maxVersionLevel, minVersionLevel }) => {
    w.string(name);
    w.int16(maxVersionLevel);
    w.int16(minVersionLevel);
  });
}

function decodeResponse(r: Reader, v: number): ApiVersionsResponse {
  const errorCode = r.int16();
  if (v === 0 || errorCode !== Errors.UNSUPPORTED_VERSION) return decodeRest(r, v, errorCode);
  const refusal = decodeRefusal(r, v);
  r.take(r.remaining);
  return refusal;
}

/** In the layout of v0, which it should have; else of the version that was asked for; else the code is all there is. */
function decodeRefusal(r: Reader, v: number): ApiVersionsResponse {
  const rest = (flexible: boolean): Reader => new Reader(r.buffer, flexible, r.position, r.end);
  return decodeWhole(rest(false), 0) ?? decodeWhole(rest(r.flexible), v) ?? answer(Errors.UNSUPPORTED_VERSION, [], 0);
}

/** @returns null when it is not in that version's layout */
function decodeWhole(r: Reader, v: number): ApiVersionsResponse | null {
  try {
    const response = decodeRest(r, v, Errors.UNSUPPORTED_VERSION);
    return r.remaining === 0 ? response : null;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** What follows the error code. */
function decodeRest(r: Reader, v: number, errorCode: number): ApiVersionsResponse {
  const apiKeys = r.structs(() => decodeApiKey(r));
  const response = answer(errorCode, apiKeys, decodeThrottleTime(r, v));
  r.tags((tag, field) => decodeFeatureTag(response, tag, field));
  return response;
}

function answer(errorCode: number, apiKeys: ApiVersionsResponseApiKey[], throttleTimeMs: number): ApiVersionsResponse {
  const features = { supportedFeatures: [], finalizedFeaturesEpoch: -1n, finalizedFeatures: [] };
  return { errorCode, apiKeys, throttleTimeMs, ...features, zkMigrationReady: false };
}

function decodeApiKey(r: Reader): ApiVersionsResponseApiKey {
  return { apiKey: r.int16(), minVersion: r.int16(), maxVersion: r.int16() };
}

/** The one tolerance of all codecs: some brokers end v1 and v2 after the list. */
function decodeThrottleTime(r: Reader, v: number): number {
  if (v === 0 || (v < 3 && r.remaining === 0)) return 0;
  return r.int32();
}

function decodeFeatureTag(response: ApiVersionsResponse, tag: number, r: Reader): boolean {
  if (tag === 0) response.supportedFeatures = r.structs(() => decodeSupportedFeature(r));
  else if (tag === 1) response.finalizedFeaturesEpoch = r.int64();
  else if (tag === 2) response.finalizedFeatures = r.structs(() => decodeFinalizedFeature(r));
  else if (tag === 3) response.zkMigrationReady = r.bool();
  return tag <= 3;
}

function decodeSupportedFeature(r: Reader): ApiVersionsResponseSupportedFeature {
  return { name: r.string(), minVersion: r.int16(), maxVersion: r.int16() };
}

function decodeFinalizedFeature(r: Reader): ApiVersionsResponseFinalizedFeature {
  return { name: r.string(), maxVersionLevel: r.int16(), minVersionLevel: r.int16() };
}
