import { describe, expect, it } from 'vitest';
import type { AnyApi } from '../api.ts';
import { ApiVersions } from '../apis/api-versions.ts';
import { Heartbeat } from '../apis/heartbeat.ts';
import { SaslHandshake } from '../apis/sasl-handshake.ts';
import { ProtocolError } from '../errors.ts';
import { bytes } from '../testing/bytes.ts';
import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';
import {
  decodeRequestHeaderRest,
  decodeRequestPrefix,
  encodeRequestHeader,
  encodeResponseHeader,
  hasResponseHeaderTags,
  skipResponseHeaderRest,
} from './headers.ts';

function requestHeader(api: AnyApi, apiVersion: number, clientId: string | null): Buffer {
  const w = new Writer();
  encodeRequestHeader(w, api, { apiVersion, correlationId: 7, clientId });
  return w.toBuffer();
}

function responseHeader(api: AnyApi, version: number): Buffer {
  const w = new Writer();
  encodeResponseHeader(w, api, version, 7);
  return w.toBuffer();
}

describe('the request header', () => {
  it.each([
    ['version 1 below the first flexible version', Heartbeat, 3, bytes`000c 0003 00000007 0002 'me'`],
    [
      'version 2 from it on; the client id keeps its int16 length',
      Heartbeat,
      4,
      bytes`000c 0004 00000007 0002 'me' 00`,
    ],
    ['version 2 for ApiVersions too', ApiVersions, 3, bytes`0012 0003 00000007 0002 'me' 00`],
    ['version 1 for an API that is never flexible', SaslHandshake, 1, bytes`0011 0001 00000007 0002 'me'`],
  ])('is %s', (_, api, version, golden) => {
    expect(requestHeader(api, version, 'me')).toEqual(golden);
    const r = new Reader(golden);
    expect(decodeRequestPrefix(r)).toEqual({ apiKey: api.key, apiVersion: version, correlationId: 7 });
    expect(decodeRequestHeaderRest(r, api.flexibleFrom !== null && version >= api.flexibleFrom)).toBe('me');
    r.finish('header');
  });

  it('a null client id has length -1', () => {
    expect(requestHeader(Heartbeat, 0, null)).toEqual(bytes`000c 0000 00000007 ffff`);
    expect(decodeRequestHeaderRest(new Reader(bytes`ffff`), false)).toBeNull();
  });

  it('unknown tags are skipped', () => {
    const r = new Reader(bytes`0001 'c' 02 00 01 aa 05 02 bbbb 77`);
    expect(decodeRequestHeaderRest(r, true)).toBe('c');
    expect(r.remaining).toBe(1);
  });

  it.each([
    ['a client id that is cut', bytes`0005 'abc'`],
    ['a negative length', bytes`fffe`],
    ['missing tags', bytes`0001 'c'`],
    ['a client id that is not UTF-8', bytes`0001 ff 00`],
  ])('refuses %s', (_, data) => {
    expect(() => decodeRequestHeaderRest(new Reader(data), true)).toThrow(ProtocolError);
  });
});

describe('the response header', () => {
  it('is version 0 below the first flexible version and 1 from it on', () => {
    expect(responseHeader(Heartbeat, 3)).toEqual(bytes`00000007`);
    expect(responseHeader(Heartbeat, 4)).toEqual(bytes`00000007 00`);
  });

  it('is version 0 in every version of ApiVersions: its reader does not know yet what the broker speaks', () => {
    for (let version = 0; version <= 5; version++) {
      expect(responseHeader(ApiVersions, version)).toEqual(bytes`00000007`);
      expect(hasResponseHeaderTags(ApiVersions, version)).toBe(false);
    }
  });

  it('the tags of version 1 are skipped', () => {
    const r = new Reader(bytes`00000007 01 00 02 aaaa 55`, false, 4);
    skipResponseHeaderRest(r, Heartbeat, 4);
    expect(r.int8()).toBe(0x55);
  });
});
