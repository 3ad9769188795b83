import { describe, expect, it } from 'vitest';
import { Heartbeat } from '../apis/heartbeat.ts';
import { Metadata } from '../apis/metadata.ts';
import { SyncGroup } from '../apis/sync-group.ts';
import { ProtocolError } from '../errors.ts';
import { bytes } from '../testing/bytes.ts';
import { request, requestV4, response, responseV4 } from '../testing/heartbeat-frames.ts';
import {
  correlationIdOf,
  decodeRequest,
  decodeRequestMessage,
  decodeResponse,
  decodeResponseMessage,
  encodeResponse,
  requestFrameChunks,
  responseFrameChunks,
} from './message.ts';

describe('a request in pieces', () => {
  it('is size, header and body', () => {
    expect(Buffer.concat(requestFrameChunks(Heartbeat, 4, 7, 'me', request))).toEqual(requestV4);
    const decoded = decodeRequestMessage(Heartbeat, requestV4.subarray(4));
    expect(decoded).toEqual({ apiKey: 12, apiVersion: 4, correlationId: 7, clientId: 'me', body: request });
  });

  it('of another API than the one expected is refused', () => {
    expect(() => decodeRequestMessage(Metadata, requestV4.subarray(4))).toThrow(
      'request of API key 12, not of Metadata',
    );
  });

  it('holds large bytes by reference, and counts them', () => {
    const assignment = Buffer.alloc(50_000, 1);
    const chunks = requestFrameChunks(SyncGroup, 0, 1, null, {
      ...request,
      protocolType: null,
      protocolName: null,
      assignments: [{ memberId: 'm', assignment }],
    });
    expect(chunks.map(({ buffer }) => buffer)).toContain(assignment.buffer);
    const frame = Buffer.concat(chunks);
    expect(frame.readInt32BE(0)).toBe(frame.length - 4);
    expect(frame.subarray(-50_000)).toEqual(assignment);
  });
});

describe('a response in pieces', () => {
  it('is size, header and body', () => {
    expect(Buffer.concat(responseFrameChunks(Heartbeat, 4, 7, response))).toEqual(responseV4);
    expect(correlationIdOf(responseV4.subarray(4))).toBe(7);
    expect(decodeResponseMessage(Heartbeat, 4, responseV4.subarray(4))).toEqual(response);
  });

  it('with bytes left over after the body is refused', () => {
    const longer = Buffer.concat([responseV4.subarray(4), bytes`0000`]);
    expect(() => decodeResponseMessage(Heartbeat, 4, longer)).toThrow(
      'Heartbeat v4 response: 2 bytes left over after the body',
    );
  });

  it('without room for a correlation id is refused', () => {
    expect(() => correlationIdOf(bytes`000000`)).toThrow('response of 3 bytes: no room for a correlation id');
  });
});

describe('a body', () => {
  const body = requestV4.subarray(17);

  it('is read from a plain Uint8Array too', () => {
    expect(decodeRequest(Heartbeat, 4, new Uint8Array(body))).toEqual(request);
    expect(decodeResponse(Heartbeat, 4, new Uint8Array(responseV4.subarray(9)))).toEqual(response);
  });

  it('that is broken is refused with the name and version of its API', () => {
    expect(() => decodeRequest(Heartbeat, 4, body.subarray(0, 3))).toThrow('Heartbeat v4 request: 4 bytes needed');
    expect(() => decodeResponse(Heartbeat, 4, body.subarray(0, 3))).toThrow('Heartbeat v4 response: 4 bytes needed');
  });

  it('of a version that does not exist is refused in both directions', () => {
    expect(() => decodeRequest(Heartbeat, -1, Buffer.alloc(0))).toThrow('Heartbeat has no v-1: v0-4 exist');
    for (const version of [Number.NaN, 1.5]) {
      expect(() => decodeRequest(Heartbeat, version, Buffer.alloc(0))).toThrow(`Heartbeat has no v${version}`);
    }
    expect(() => decodeResponse(Heartbeat, 5, Buffer.alloc(0))).toThrow(ProtocolError);
    expect(() => encodeResponse(Heartbeat, 5, response)).toThrow(ProtocolError);
    expect(() => requestFrameChunks(Heartbeat, 5, 7, null, request)).toThrow(ProtocolError);
  });
});
