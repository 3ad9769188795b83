import { ApiVersions, encodeRequestFrame, encodeResponseFrame, SaslAuthenticate } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { Conversation, type Seen } from './conversation.ts';
import { printed } from './printer.ts';

const whole = { isBrief: false, mostRecords: 10 };
const brief = { isBrief: true, mostRecords: 10 };
const AT_NOON = Date.UTC(2026, 0, 1, 12);
const login = encodeRequestFrame(SaslAuthenticate, 2, { authBytes: Buffer.from('\0alice\0secret') });

const frame = (seen: Seen): Parameters<typeof printed>[0] => ({ kind: 'frame', connection: 3, seen, rewritten: null });

/** With one byte more, and its size set right. */
function longer(bytes: Buffer): Buffer {
  const changed = Buffer.concat([bytes, Buffer.alloc(1)]);
  changed.writeInt32BE(changed.length - 4);
  return changed;
}

describe('what is printed', () => {
  it('a frame is a line: time, connection, direction, name, size, correlation, latency', () => {
    const conversation = new Conversation();
    const request = { clientSoftwareName: 'x', clientSoftwareVersion: '1', clusterId: null, nodeId: -1 };
    const asked = encodeRequestFrame(ApiVersions, 3, request, { correlationId: 7, clientId: 'me' });
    expect(printed(frame(conversation.request(asked, AT_NOON)), brief)).toBe(
      '12:00:00.000Z  #3 >  ApiVersions v3 request  22 B  correlation 7  client "me"\n',
    );
    const answer = {
      errorCode: 0,
      apiKeys: [],
      throttleTimeMs: 0,
      supportedFeatures: [],
      finalizedFeaturesEpoch: -1n,
      finalizedFeatures: [],
      zkMigrationReady: false,
    };
    const answered = conversation.response(encodeResponseFrame(ApiVersions, 3, answer, 7), AT_NOON + 2.5);
    expect(printed(frame(answered), brief)).toBe(
      '12:00:00.002Z  #3 <  ApiVersions v3 response  16 B  correlation 7  2.5 ms\n',
    );
  });

  it('what cannot be decoded is printed as hex, with the reason', () => {
    const unknown = Buffer.from('0000000a03e7000000000007ffff', 'hex');
    expect(printed(frame(new Conversation().request(unknown, AT_NOON)), whole)).toBe(
      '12:00:00.000Z  #3 >  unknown request  14 B  correlation 7  ' +
        'not decoded: request with unknown API key 999 (v0); `apis` lists the known\n' +
        '0000  0000000a03e7000000000007ffff\n\n',
    );
  });

  it('of many bytes the first are shown', () => {
    const text = printed({ kind: 'raw', connection: 1, direction: 'request', bytes: Buffer.alloc(10_000) }, whole);
    expect(text.split('\n')).toHaveLength(4096 / 32 + 3);
    expect(text).toContain('5904 more bytes');
  });

  it('secrets are not, not even in a frame that cannot be decoded', () => {
    for (const bytes of [login, longer(login)]) {
      const text = printed(frame(new Conversation().request(bytes, AT_NOON)), whole);
      expect(text).toContain('SaslAuthenticate v2 request');
      expect(text).not.toContain(Buffer.from('secret').toString('hex'));
      expect(text).not.toContain('secret');
    }
  });
});
