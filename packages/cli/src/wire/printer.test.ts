import {
  ApiVersions,
  encodeRequestFrame,
  encodeResponseFrame,
  ListGroups,
  SaslAuthenticate,
  SaslHandshake,
} from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { Conversation, type Seen } from './conversation.ts';
import { printed } from './printer.ts';

const whole = { isBrief: false, mostRecords: 10 };
const brief = { isBrief: true, mostRecords: 10 };
const AT_NOON = Date.UTC(2026, 0, 1, 12);
const login = encodeRequestFrame(SaslAuthenticate, 2, { authBytes: Buffer.from('\0alice\0secret') });

const software = { clientSoftwareName: 'x', clientSoftwareVersion: '1', clusterId: null, nodeId: -1 };
const handshake = encodeRequestFrame(SaslHandshake, 1, { mechanism: 'PLAIN' });
const listing = encodeRequestFrame(ListGroups, 0, { statesFilter: [], typesFilter: [] });

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
    const asked = encodeRequestFrame(ApiVersions, 3, software, { correlationId: 7, clientId: 'me' });
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
    const conversation = new Conversation();
    conversation.request(listing, AT_NOON);
    expect(printed(frame(conversation.request(unknown, AT_NOON)), whole)).toBe(
      '12:00:00.000Z  #3 >  unknown request  14 B  correlation 7  ' +
        'not decoded: request with unknown API key 999 (v0); `apis` lists the known\n' +
        '0000  0000000a03e7000000000007ffff\n\n',
    );
  });

  it('of many bytes the first are shown', () => {
    const text = printed(
      { kind: 'raw', connection: 1, direction: 'request', bytes: Buffer.alloc(10_000), hides: 'nothing' },
      whole,
    );
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

  it('a login is not, whatever byte of it is wrong', () => {
    const secretAt = login.indexOf('secret');
    const leaking: string[] = [];
    for (let at = 4; at < secretAt; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const damaged = Buffer.from(login);
        damaged[at] = byte;
        const conversation = new Conversation();
        conversation.request(handshake, AT_NOON);
        if (isTold(printed(frame(conversation.request(damaged, AT_NOON)), whole))) leaking.push(`${at}=${byte}`);
      }
    }
    expect(leaking).toEqual([]);
  });

  it.each([
    ['before anything was said', []],
    ['after ApiVersions', [ApiVersions]],
    ['after a handshake', [SaslHandshake]],
    ['when a connection has logged in', [SaslHandshake, SaslAuthenticate, ListGroups]],
  ])('bytes are not %s: they may be a login', (_when, apis) => {
    const conversation = new Conversation();
    const frames = new Map<unknown, Buffer>([
      [ApiVersions, encodeRequestFrame(ApiVersions, 0, software)],
      [SaslHandshake, handshake],
      [SaslAuthenticate, login],
      [ListGroups, listing],
    ]);
    for (const api of apis) conversation.request(frames.get(api) ?? Buffer.alloc(0), AT_NOON);
    const bytes = Buffer.from('\0alice\0secret');
    const { hides } = conversation;
    expect(isTold(printed({ kind: 'raw', connection: 1, direction: 'request', bytes, hides }, whole))).toBe(false);
    const unknown = Buffer.concat([Buffer.from('0000001903e7000000000007ffff', 'hex'), bytes]);
    expect(isTold(printed(frame(conversation.request(unknown, AT_NOON)), whole))).toBe(false);
  });
});

/** In full or in part, as text or as hex. */
function isTold(text: string): boolean {
  const hex = text.replaceAll(/\n[0-9a-f]{4} {2}/g, '');
  return text.includes('secret') || hex.includes(Buffer.from('ecre').toString('hex'));
}
