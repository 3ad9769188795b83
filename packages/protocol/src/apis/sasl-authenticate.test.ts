import { describe, expect, it } from 'vitest';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import { bytes } from '../testing/bytes.ts';
import { SaslAuthenticate } from './sasl-authenticate.ts';
import { SaslHandshake } from './sasl-handshake.ts';

describe('SaslHandshake', () => {
  it('is the same bytes in both versions', () => {
    for (const version of [0, 1]) {
      expect(encodeRequest(SaslHandshake, version, { mechanism: 'PLAIN' })).toEqual(bytes`0005 'PLAIN'`);
      expect(decodeRequest(SaslHandshake, version, bytes`0005 'PLAIN'`)).toEqual({ mechanism: 'PLAIN' });
      const golden = bytes`0021 00000002 0005 'PLAIN' 000d 'SCRAM-SHA-256'`;
      const response = { errorCode: 33, mechanisms: ['PLAIN', 'SCRAM-SHA-256'] };
      expect(encodeResponse(SaslHandshake, version, response)).toEqual(golden);
      expect(decodeResponse(SaslHandshake, version, golden)).toEqual(response);
    }
  });
});

describe('SaslAuthenticate', () => {
  it.each([
    [0, bytes`00000003 'abc'`],
    [2, bytes`04 'abc' 00`],
  ])('the request of v%i is the token', (version, golden) => {
    const request = { authBytes: Buffer.from('abc') };
    expect(encodeRequest(SaslAuthenticate, version, request)).toEqual(golden);
    expect(decodeRequest(SaslAuthenticate, version, golden)).toEqual(request);
  });

  it.each([
    [0, 0n, bytes`003a 0003 'bad' 00000001 'x'`],
    [1, 60_000n, bytes`003a 0003 'bad' 00000001 'x' 000000000000ea60`],
    [2, 60_000n, bytes`003a 04 'bad' 02 'x' 000000000000ea60 00`],
  ])('the response of v%i, with a session of %i ms, has these bytes', (version, sessionLifetimeMs, golden) => {
    const response = { errorCode: 58, errorMessage: 'bad', authBytes: Buffer.from('x'), sessionLifetimeMs };
    expect(encodeResponse(SaslAuthenticate, version, response)).toEqual(golden);
    expect(decodeResponse(SaslAuthenticate, version, golden)).toEqual(response);
  });
});
