import { describe, expect, it } from 'vitest';
import { chooseVersion } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { InitProducerId } from './init-producer-id.ts';

const first = {
  transactionalId: null,
  transactionTimeoutMs: 1000,
  producerId: -1n,
  producerEpoch: -1,
  enable2Pc: false,
  keepPreparedTxn: false,
};

describe('InitProducerId', () => {
  it('the request has these bytes', () => {
    const v3 = bytes`00 000003e8 0000000000000007 0002 00`;
    expect(encodeRequest(InitProducerId, 0, first)).toEqual(bytes`ffff 000003e8`);
    expect(encodeRequest(InitProducerId, 2, first)).toEqual(bytes`00 000003e8 00`);
    expect(encodeRequest(InitProducerId, 3, { ...first, producerId: 7n, producerEpoch: 2 })).toEqual(v3);
    expect(encodeRequest(InitProducerId, 6, { ...first, enable2Pc: true })).toEqual(
      bytes`00 000003e8 ffffffffffffffff ffff 01 00 00`,
    );
    expect(decodeRequest(InitProducerId, 0, bytes`ffff 000003e8`)).toEqual(first);
    expect(decodeRequest(InitProducerId, 3, v3)).toEqual({ ...first, producerId: 7n, producerEpoch: 2 });
  });

  it.each([
    [2, { producerId: 7n }],
    [2, { producerEpoch: 0 }],
    [5, { enable2Pc: true }],
    [5, { keepPreparedTxn: true }],
  ])('v%i refuses %o', (version, field) => {
    expect(() => encodeRequest(InitProducerId, version, { ...first, ...field })).toThrow(UnsupportedFieldError);
  });

  it('the response has these bytes', () => {
    const given = { throttleTimeMs: 1, errorCode: 0, producerId: 7n, producerEpoch: 2 };
    const v1 = bytes`00000001 0000 0000000000000007 0002`;
    const response = { ...given, ongoingTxnProducerId: -1n, ongoingTxnProducerEpoch: -1 };
    expect(encodeResponse(InitProducerId, 1, response)).toEqual(v1);
    expect(decodeResponse(InitProducerId, 1, v1)).toEqual(response);
    expect(encodeResponse(InitProducerId, 6, response)).toEqual(bytes`${v1} ffffffffffffffff ffff 00`);
  });

  it('the unstable v6 is never negotiated', () => {
    expect(chooseVersion(InitProducerId, [0, 6])).toBe(5);
  });
});
