import { describe, expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { UpdateFeatures, type UpdateFeaturesRequestFeatureUpdate } from './update-features.ts';

function requestOf(change: Partial<UpdateFeaturesRequestFeatureUpdate>, validateOnly = false) {
  const update = { feature: 'f', maxVersionLevel: 2, allowDowngrade: false, upgradeType: 1, ...change };
  return { timeoutMs: 5, featureUpdates: [update], validateOnly };
}

describe('UpdateFeatures', () => {
  it('says whether a level may go down with a boolean in v0, and with a type of upgrade from v1 on', () => {
    const v0 = bytes`00000005 02 02 'f' 0002 01 00 00`;
    expect(encodeRequest(UpdateFeatures, 0, requestOf({ allowDowngrade: true }))).toEqual(v0);
    expect(decodeRequest(UpdateFeatures, 0, v0)).toEqual(requestOf({ allowDowngrade: true }));
    const v1 = bytes`00000005 02 02 'f' 0002 03 00 01 00`;
    expect(encodeRequest(UpdateFeatures, 1, requestOf({ upgradeType: 3 }, true))).toEqual(v1);
    expect(decodeRequest(UpdateFeatures, 1, v1)).toEqual(requestOf({ upgradeType: 3 }, true));
  });

  it.each([
    [0, requestOf({ upgradeType: 2 }), 'upgradeType'],
    [1, requestOf({ allowDowngrade: true }), 'allowDowngrade'],
    [0, requestOf({}, true), 'validateOnly'],
  ])('what v%i cannot say is refused by name: %o', (version, request, field) => {
    expect(() => encodeRequest(UpdateFeatures, version, request)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(UpdateFeatures, version, request)).toThrow(field);
  });

  it('results of single features are left out of v2, where the outcome of all is one', () => {
    const results = [{ feature: 'f', errorCode: 1, errorMessage: null }];
    const response = { throttleTimeMs: 0, errorCode: 0, errorMessage: null, results };
    const v2 = bytes`00000000 0000 00 00`;
    expect(encodeResponse(UpdateFeatures, 2, response)).toEqual(v2);
    expect(decodeResponse(UpdateFeatures, 2, v2)).toEqual({ ...response, results: [] });
    const v1 = bytes`00000000 0000 00 02 02 'f' 0001 00 00 00`;
    expect(encodeResponse(UpdateFeatures, 1, response)).toEqual(v1);
  });
});
