import { describe, expect, it } from 'vitest';
import type { AnyApi } from '../api.ts';
import { Heartbeat, type HeartbeatRequest } from '../apis/heartbeat.ts';
import { SyncGroup } from '../apis/sync-group.ts';
import { ProtocolError } from '../errors.ts';
import { bytes } from '../testing/bytes.ts';
import {
  correlationIdOf,
  decodeRequest,
  decodeRequestFrame,
  decodeResponse,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponse,
  encodeResponseFrame,
} from './message.ts';

const request: HeartbeatRequest = { groupId: 'g', generationId: 3, memberId: 'm', groupInstanceId: null };
const response = { throttleTimeMs: 0, errorCode: 27 };
const apiByKey = (key: number): AnyApi | undefined => (key === 12 ? Heartbeat : undefined);

const requestV4 = bytes`
  00000017                                // size
  000c 0004 00000007 0002 'me' 00         // header 2
  02 'g' 00000003 02 'm' 00 00            // body
`;
const responseV4 = bytes`
  0000000c                                // size
  00000007 00                             // header 1
  00000000 001b 00                        // body
`;

describe('a request frame', () => {
  it('is size, header and body', () => {
    expect(Buffer.concat(encodeRequestFrame(Heartbeat, 4, 7, 'me', request))).toEqual(requestV4);
    const decoded = decodeRequestFrame(requestV4.subarray(4), apiByKey);
    expect(decoded).toEqual({ apiKey: 12, apiVersion: 4, correlationId: 7, clientId: 'me', body: request });
  });

  it('with an unknown API key or version is refused by name', () => {
    const unknown = bytes`03e7 0000 00000007 ffff`;
    expect(() => decodeRequestFrame(unknown, apiByKey)).toThrow('request with unknown API key 999');
    const future = bytes`000c 0005 00000007 ffff 00 00`;
    expect(() => decodeRequestFrame(future, apiByKey)).toThrow('Heartbeat has no v5: v0-4 exist');
  });

  it('with bytes left over after the body is refused', () => {
    const longer = Buffer.concat([requestV4.subarray(4), bytes`00`]);
    expect(() => decodeRequestFrame(longer, apiByKey)).toThrow(
      'Heartbeat v4 request: 1 bytes left over after the body',
    );
  });

  it('every proper prefix is a ProtocolError and nothing else', () => {
    for (let length = 4; length < requestV4.length; length++) {
      const prefix = requestV4.subarray(4, length);
      expect(() => decodeRequestFrame(prefix, apiByKey), `${length} bytes`).toThrow(ProtocolError);
    }
  });

  it('counts large bytes that stand in it by reference', () => {
    const assignment = Buffer.alloc(50_000, 1);
    const frame = Buffer.concat(
      encodeRequestFrame(SyncGroup, 0, 1, null, {
        ...request,
        protocolType: null,
        protocolName: null,
        assignments: [{ memberId: 'm', assignment }],
      }),
    );
    expect(frame.readInt32BE(0)).toBe(frame.length - 4);
    expect(frame.subarray(-50_000)).toEqual(assignment);
  });
});

describe('a response frame', () => {
  it('is size, header and body', () => {
    expect(Buffer.concat(encodeResponseFrame(Heartbeat, 4, 7, response))).toEqual(responseV4);
    expect(correlationIdOf(responseV4.subarray(4))).toBe(7);
    expect(decodeResponseFrame(Heartbeat, 4, responseV4.subarray(4))).toEqual(response);
  });

  it('with bytes left over after the body is refused', () => {
    const longer = Buffer.concat([responseV4.subarray(4), bytes`0000`]);
    expect(() => decodeResponseFrame(Heartbeat, 4, longer)).toThrow(
      'Heartbeat v4 response: 2 bytes left over after the body',
    );
  });

  it('without room for a correlation id is refused', () => {
    expect(() => correlationIdOf(bytes`000000`)).toThrow('response of 3 bytes: no room for a correlation id');
  });
});

describe('a body', () => {
  it('of a version that does not exist is refused in both directions', () => {
    expect(() => decodeRequest(Heartbeat, -1, Buffer.alloc(0))).toThrow('Heartbeat has no v-1: v0-4 exist');
    expect(() => decodeResponse(Heartbeat, 5, Buffer.alloc(0))).toThrow(ProtocolError);
    expect(() => encodeResponse(Heartbeat, 5, response)).toThrow(ProtocolError);
  });
});
