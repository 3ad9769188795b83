import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import {
  decodeRequest,
  decodeResponse,
  decodeResponseMessage,
  encodeRequest,
  encodeResponse,
} from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { ApiVersions, type ApiVersionsResponse, decodeApiVersionsRefusal } from './api-versions.ts';

const request = { clientSoftwareName: 'hopwire', clientSoftwareVersion: '1', clusterId: 'c', nodeId: 2 };
const plain: ApiVersionsResponse = {
  errorCode: 0,
  apiKeys: [{ apiKey: 3, minVersion: 0, maxVersion: 12 }],
  throttleTimeMs: 0,
  supportedFeatures: [],
  finalizedFeaturesEpoch: -1n,
  finalizedFeatures: [],
  zkMigrationReady: false,
};
const v0 = bytes`0000 00000001 0003 0000 000c`;

describe('ApiVersions', () => {
  it('the request grows from nothing; what a version lacks is left out', () => {
    expect(encodeRequest(ApiVersions, 2, request)).toEqual(bytes``);
    expect(encodeRequest(ApiVersions, 3, request)).toEqual(bytes`08 'hopwire' 02 '1' 00`);
    const v5 = bytes`08 'hopwire' 02 '1' 02 'c' 00000002 00`;
    expect(encodeRequest(ApiVersions, 5, request)).toEqual(v5);
    expect(decodeRequest(ApiVersions, 5, v5)).toEqual(request);
    expect(decodeRequest(ApiVersions, 0, bytes``)).toEqual({
      clientSoftwareName: '',
      clientSoftwareVersion: '',
      clusterId: null,
      nodeId: -1,
    });
  });

  it('the response of v0 has no throttle, v1 has, v3 is flexible', () => {
    const throttled = { ...plain, throttleTimeMs: 5 };
    expect(encodeResponse(ApiVersions, 0, plain)).toEqual(v0);
    expect(encodeResponse(ApiVersions, 1, throttled)).toEqual(bytes`${v0} 00000005`);
    expect(encodeResponse(ApiVersions, 3, throttled)).toEqual(bytes`0000 02 0003 0000 000c 00 00000005 00`);
    expect(decodeResponse(ApiVersions, 0, v0)).toEqual(plain);
  });

  it('features stand in tagged fields, each left out at its default', () => {
    const golden = bytes`
      0000 01 00000000                    // no APIs, no throttle
      04                                  // four tagged fields
      00 08  02 02 'f' 0001 0002 00       // supported features
      01 08  0000000000000009             // epoch
      02 08  02 02 'f' 0002 0001 00       // finalized features: the maximum comes first
      03 01  01                           // migration
    `;
    const response: ApiVersionsResponse = {
      ...plain,
      apiKeys: [],
      supportedFeatures: [{ name: 'f', minVersion: 1, maxVersion: 2 }],
      finalizedFeaturesEpoch: 9n,
      finalizedFeatures: [{ name: 'f', maxVersionLevel: 2, minVersionLevel: 1 }],
      zkMigrationReady: true,
    };
    expect(encodeResponse(ApiVersions, 4, response)).toEqual(golden);
    expect(decodeResponse(ApiVersions, 4, golden)).toEqual(response);
  });

  it('v1 and v2 may end without the throttle, v3 may not', () => {
    expect(decodeResponse(ApiVersions, 1, v0)).toEqual(plain);
    expect(decodeResponse(ApiVersions, 2, v0)).toEqual(plain);
    expect(() => decodeResponse(ApiVersions, 3, bytes`0000 02 0003 0000 000c 00`)).toThrow(ProtocolError);
    expect(() => decodeResponse(ApiVersions, 1, bytes`${v0} 0000`)).toThrow(ProtocolError);
  });
});

describe('the refusal of a version of ApiVersions', () => {
  it.each([
    ['a list with the range of ApiVersions, as Kafka 2.4+ sends it', bytes`0023 00000001 0012 0000 0004`, [[18, 0, 4]]],
    ['an empty list, as Kafka before 2.4 and KoP send it', bytes`0023 00000000`, []],
    ['nothing after the error code', bytes`0023`, []],
    ['a list that breaks off', bytes`0023 00000002 0012 0000 0004 0012`, []],
    ['a flexible body, as the mock of librdkafka sends it', bytes`0023 02 0012 0000 0003 00 00000000 00`, []],
    ['a hostile count', bytes`0023 7fffffff`, []],
  ])('is read from %s', (_, body, ranges) => {
    const apiKeys = ranges.map(([apiKey, minVersion, maxVersion]) => ({ apiKey, minVersion, maxVersion }));
    expect(decodeApiVersionsRefusal(body)).toEqual({ errorCode: 35, apiKeys });
  });

  const list = [{ apiKey: 18, minVersion: 0, maxVersion: 4 }];
  it.each([0, 1, 2, 3, 4, 5])('is the answer to v%i in the layout of v0, whoever decodes it', (version) => {
    const body = bytes`0023 00000001 0012 0000 0004`;
    const refused = { ...plain, errorCode: 35, apiKeys: list };
    expect(decodeResponse(ApiVersions, version, body)).toEqual(refused);
    expect(decodeResponseMessage(ApiVersions, version, bytes`00000007 ${body}`)).toEqual(refused);
    expect(decodeResponse(ApiVersions, version, bytes`0023 00000000`)).toEqual({ ...refused, apiKeys: [] });
  });

  it.each([
    ['the layout of v3, as the mock of librdkafka sends it', 3, bytes`0023 02 0012 0000 0004 00 00000000 00`, list],
    ['the layout of v1, with its throttle', 1, bytes`0023 00000001 0012 0000 0004 00000000`, list],
    ['an error code alone', 5, bytes`0023`, []],
    ['a list that breaks off', 5, bytes`0023 00000002 0012 0000 0004 0012`, []],
    ['a hostile count', 4, bytes`0023 7fffffff`, []],
  ])('is read from %s too', (_, version, body, apiKeys) => {
    expect(decodeResponse(ApiVersions, version, body)).toEqual({ ...plain, errorCode: 35, apiKeys });
  });

  it('without an error code is a ProtocolError', () => {
    expect(() => decodeApiVersionsRefusal(bytes`00`)).toThrow(ProtocolError);
  });
});
