/**
 * UpdateFeatures (key 57), v0-2. Raises, lowers and removes the levels of the cluster's features (KIP-584); to be sent
 * to the controller. Brokers without ZooKeeper pass it on.
 *
 *   v0  flexible
 *   v1  upgrade_type in place of allow_downgrade; validate_only (KIP-778)
 *   v2  no results for each feature any more: all are changed, or none (KIP-1022)
 */
import type { Api } from '../api.ts';
import { FeatureUpgradeType } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcome } from './outcome.ts';

export interface UpdateFeaturesRequest {
  timeoutMs: number; // after which the answer is REQUEST_TIMED_OUT, done or not
  featureUpdates: UpdateFeaturesRequestFeatureUpdate[];
  validateOnly: boolean; // v1+
}

export interface UpdateFeaturesRequestFeatureUpdate {
  feature: string;
  maxVersionLevel: number; // below 1: remove the feature
  allowDowngrade: boolean; // v0
  upgradeType: number; // v1+; FeatureUpgradeType
}

export interface UpdateFeaturesResponse extends Outcome {
  results: UpdateFeaturesResponseResult[]; // v0-1
}

export interface UpdateFeaturesResponseResult {
  feature: string;
  errorCode: number;
  errorMessage: string | null;
}

/** Raises, lowers and removes the levels of the cluster's features (KIP-584); to be sent to the controller. */
export const UpdateFeatures: Api<UpdateFeaturesRequest, UpdateFeaturesResponse> = {
  key: 57,
  name: 'UpdateFeatures',
  versions: [0, 2],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: UpdateFeaturesRequest): void {
  if (v < 1 && request.validateOnly) throw new UnsupportedFieldError('UpdateFeatures', v, 'validateOnly');
  w.int32(request.timeoutMs);
  w.structs(request.featureUpdates, (update) => encodeUpdate(w, v, update));
  if (v >= 1) w.bool(request.validateOnly);
  w.tags();
}

function encodeUpdate(w: Writer, v: number, update: UpdateFeaturesRequestFeatureUpdate): void {
  const { allowDowngrade, upgradeType } = update;
  if (v < 1 && upgradeType !== FeatureUpgradeType.upgrade) {
    throw new UnsupportedFieldError('UpdateFeatures', v, 'upgradeType');
  }
  if (v >= 1 && allowDowngrade) throw new UnsupportedFieldError('UpdateFeatures', v, 'allowDowngrade');
  w.string(update.feature);
  w.int16(update.maxVersionLevel);
  if (v >= 1) w.int8(upgradeType);
  else w.bool(allowDowngrade);
}

function decodeRequest(r: Reader, v: number): UpdateFeaturesRequest {
  const request = {
    timeoutMs: r.int32(),
    featureUpdates: r.structs(() => ({
      feature: r.string(),
      maxVersionLevel: r.int16(),
      allowDowngrade: v === 0 ? r.bool() : false,
      upgradeType: v >= 1 ? r.int8() : FeatureUpgradeType.upgrade,
    })),
    validateOnly: v >= 1 ? r.bool() : false,
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: UpdateFeaturesResponse): void {
  outcome.encode(w, response);
  if (v <= 1) w.structs(response.results, (result) => encodeResult(w, result));
  w.tags();
}

function encodeResult(w: Writer, result: UpdateFeaturesResponseResult): void {
  w.string(result.feature);
  w.int16(result.errorCode);
  w.nullableString(result.errorMessage);
}

function decodeResponse(r: Reader, v: number): UpdateFeaturesResponse {
  const response = {
    ...outcome.decode(r),
    results: v <= 1 ? r.structs(() => decodeResult(r)) : [],
  };
  r.tags();
  return response;
}

function decodeResult(r: Reader): UpdateFeaturesResponseResult {
  return { feature: r.string(), errorCode: r.int16(), errorMessage: r.nullableString() };
}
