import { expect, it } from 'vitest';
import { UnsupportedFieldError } from '../errors.ts';
import { decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { ShareAcknowledge } from './share-acknowledge.ts';

it('ShareAcknowledge below v2 refuses to renew locks: the broker would read the types as unknown ones', () => {
  const request = { groupId: 'g', memberId: 'm', shareSessionEpoch: 1, isRenewAck: true, topics: [] };
  for (const version of [0, 1]) {
    expect(() => encodeRequest(ShareAcknowledge, version, request)).toThrow(UnsupportedFieldError);
    expect(() => encodeRequest(ShareAcknowledge, version, request)).toThrow('isRenewAck');
  }
});

it('ShareAcknowledge below v2 does not tell for how long records are locked', () => {
  const outcome = { throttleTimeMs: 0, errorCode: 0, errorMessage: null };
  const response = { ...outcome, acquisitionLockTimeoutMs: 30_000, responses: [], nodeEndpoints: [] };
  const told = (version: number): number =>
    decodeResponse(ShareAcknowledge, version, encodeResponse(ShareAcknowledge, version, response))
      .acquisitionLockTimeoutMs;
  expect([0, 1, 2].map(told)).toEqual([0, 0, 30_000]);
});
