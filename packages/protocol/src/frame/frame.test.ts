import { describe, expect, it } from 'vitest';
import type { AnyApi } from '../api.ts';
import { ApiVersions } from '../apis/api-versions.ts';
import { Heartbeat, type HeartbeatRequest } from '../apis/heartbeat.ts';
import { apis } from '../apis/index.ts';
import { Metadata } from '../apis/metadata.ts';
import { ProtocolError } from '../errors.ts';
import { bytes } from '../testing/bytes.ts';
import { request, requestV4, response, responseV4 } from '../testing/heartbeat-frames.ts';
import { sampleOf } from '../testing/sample-reader.ts';
import {
  decodeAnyRequest,
  decodeRequestFrame,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
  isRequestOf,
} from './frame.ts';
import { FrameReader } from './frame-reader.ts';

const sender = { correlationId: 7, clientId: 'me' };

/** The bytes with their size in front. */
function sized(message: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(message.length);
  return Buffer.concat([size, message]);
}

describe('a request frame', () => {
  it('is size, header and body, and says itself what it is', () => {
    expect(encodeRequestFrame(Heartbeat, 4, request, sender)).toEqual(requestV4);
    const decoded = decodeRequestFrame(requestV4);
    expect(decoded).toEqual({ api: Heartbeat, apiKey: 12, apiVersion: 4, ...sender, body: request });
  });

  it('is read from a plain Uint8Array inside a larger one too', () => {
    const within = new Uint8Array(100);
    within.set(requestV4, 13);
    expect(decodeRequestFrame<HeartbeatRequest>(within.subarray(13, 13 + requestV4.length)).body.groupId).toBe('g');
  });

  it('with an unknown API key or version is refused by name', () => {
    const unknown = sized(bytes`03e7 0002 00000007 ffff`);
    expect(() => decodeRequestFrame(unknown)).toThrow('request with unknown API key 999 (v2)');
    const future = sized(bytes`000c 0005 00000007 ffff 00 00`);
    expect(() => decodeRequestFrame(future)).toThrow('Heartbeat has no v5: v0-4 exist');
    expect(() => decodeRequestFrame(sized(bytes`000c ffff 00000007 ffff`))).toThrow('Heartbeat has no v-1');
  });

  it('without its size, as a FrameReader hands it out, is read by decodeAnyRequest; decodeRequestFrame says so', () => {
    const seen: unknown[] = [];
    new FrameReader(100, (message) => seen.push(decodeAnyRequest(message))).push(new Uint8Array(requestV4));
    expect(seen).toEqual([decodeRequestFrame(requestV4)]);
    expect(() => decodeRequestFrame(requestV4.subarray(4))).toThrow('without size, is read by decodeAnyRequest');
  });

  it('has the type of its API once that is known', () => {
    const frame = decodeRequestFrame(requestV4);
    expect(isRequestOf(Metadata, frame)).toBe(false);
    // The second half only compiles because the first one narrows.
    expect(isRequestOf(Heartbeat, frame) && frame.body.generationId).toBe(3);
  });

  it('with bytes left over after the body is refused', () => {
    const longer = sized(Buffer.concat([requestV4.subarray(4), bytes`00`]));
    expect(() => decodeRequestFrame(longer)).toThrow('Heartbeat v4 request: 1 bytes left over after the body');
  });

  it('whose size says something else than the bytes is refused', () => {
    expect(() => decodeRequestFrame(Buffer.concat([requestV4, requestV4]))).toThrow(
      'frame of 23 bytes announced, 50 follow',
    );
    expect(() => decodeRequestFrame(bytes`000000`)).toThrow('no room for its size');
  });

  it('every proper prefix is a ProtocolError and nothing else, with its size set right too', () => {
    for (let length = 0; length < requestV4.length; length++) {
      const prefix = requestV4.subarray(0, length);
      expect(() => decodeRequestFrame(prefix), `${length} bytes`).toThrow(ProtocolError);
      if (length >= 4) expect(() => decodeRequestFrame(sized(prefix.subarray(4)))).toThrow(ProtocolError);
    }
  });
});

describe('a response frame', () => {
  it('is size, header and body', () => {
    expect(encodeResponseFrame(Heartbeat, 4, response, 7)).toEqual(responseV4);
    expect(decodeResponseFrame(Heartbeat, 4, responseV4)).toEqual({ correlationId: 7, body: response });
  });

  it('every proper prefix is a ProtocolError and nothing else, with its size set right too', () => {
    for (let length = 0; length < responseV4.length; length++) {
      const prefix = responseV4.subarray(0, length);
      expect(() => decodeResponseFrame(Heartbeat, 4, prefix), `${length} bytes`).toThrow(ProtocolError);
      if (length >= 4) {
        expect(() => decodeResponseFrame(Heartbeat, 4, sized(prefix.subarray(4)))).toThrow(ProtocolError);
      }
    }
  });

  it('of ApiVersions has header 0 in flexible versions too', () => {
    const api: AnyApi = ApiVersions;
    const frame = encodeResponseFrame(api, 3, sampleOf(api, 'response', 3, 'sparse'), 7);
    expect(frame.subarray(4, 10)).toEqual(bytes`00000007 0000`);
  });
});

describe('frames of every API and version', () => {
  it.each(apis.map((api) => [api.name, api] as const))('%s comes back as it was', (_, api) => {
    for (let version = api.versions[0]; version <= api.versions[1]; version++) {
      const asked = encodeRequestFrame(api, version, sampleOf(api, 'request', version, 'lone'), sender);
      const { body, clientId, correlationId } = decodeRequestFrame(asked);
      expect(encodeRequestFrame(api, version, body, { clientId, correlationId })).toEqual(asked);
      const answered = encodeResponseFrame(api, version, sampleOf(api, 'response', version, 'lone'), 7);
      const answer: unknown = decodeResponseFrame(api, version, answered).body;
      expect(encodeResponseFrame(api, version, answer, 7)).toEqual(answered);
    }
  });
});
