import { describe, expect, it } from 'vitest';
import { ApiVersions } from '../apis/api-versions.ts';
import { FindCoordinator } from '../apis/find-coordinator.ts';
import { Heartbeat } from '../apis/heartbeat.ts';
import { IncrementalAlterConfigs } from '../apis/incremental-alter-configs.ts';
import { apis } from '../apis/index.ts';
import { Metadata } from '../apis/metadata.ts';
import { Produce } from '../apis/produce.ts';
import { SaslAuthenticate } from '../apis/sasl-authenticate.ts';
import { bytes } from '../testing/bytes.ts';
import { DIRECTIONS, encodeBody } from '../testing/direction.ts';
import { sampleOf } from '../testing/sample-reader.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import { explain } from './explain.ts';
import { encodeRequestFrame, encodeResponseFrame } from './frame.ts';

const request = {
  topics: [{ topicId: ZERO_UUID, name: 'orders' }],
  allowAutoTopicCreation: true,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};
const heartbeat = { groupId: 'g', generationId: 3, memberId: 'm', groupInstanceId: null };
const sender = { correlationId: 7, clientId: 'me' };

/** Name and value of each line that has a name. */
function named(dump: string): Record<string, string> {
  const lines = [...dump.matchAll(/^[0-9a-f]{4} .{28} +(?:\S+ )+ *(\S+) = (.*)$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]));
}

function failures(dump: string): string[] {
  return dump.split('\n').filter((line) => line.includes('!!'));
}

describe('explain', () => {
  it('a request frame: size, header, then every field with offset, bytes, type, name and value', () => {
    const frame = encodeRequestFrame(Metadata, 12, request, sender);
    expect(explain(frame).split('\n')).toEqual([
      '0000  00000029                    int32            size = 41',
      '0004  0003                        int16            apiKey = 3',
      '0006  000c                        int16            apiVersion = 12',
      '0008  00000007                    int32            correlationId = 7',
      '000c  00026d65                    nullable string  clientId = "me"',
      '0010  00                          tags             0',
      '      Metadata v12 request',
      '0011  02                          array            topics = 1',
      '0012  000000000000000000000000..  uuid             topics[0].topicId = "AAAAAAAAAAAAAAAAAAAAAA"',
      '0022  076f7264657273              nullable string  topics[0].name = "orders"',
      '0029  00                          tags             0',
      '002a  01                          bool             allowAutoTopicCreation = true',
      '002b  00                          bool             includeTopicAuthorizedOperations = false',
      '002c  00                          tags             0',
    ]);
  });

  it('several frames one after the other, and a single one without its size', () => {
    const frames = Buffer.concat([
      encodeRequestFrame(Metadata, 12, request, sender),
      encodeRequestFrame(Heartbeat, 4, heartbeat, sender),
    ]);
    expect(explain(frames).match(/v\d+ request/g)).toEqual(['v12 request', 'v4 request']);
    const alone = explain(encodeRequestFrame(Heartbeat, 4, heartbeat, sender).subarray(4));
    expect(named(alone)).toMatchObject({ apiKey: '12', groupId: '"g"', groupInstanceId: 'null' });
    expect(failures(alone)).toEqual([]);
  });

  it('response frames, whose API and version have to be given, with and without their sizes', () => {
    const frame = encodeResponseFrame(Heartbeat, 4, { throttleTimeMs: 0, errorCode: 27 }, 7);
    const what = { part: 'response frames', api: Heartbeat, version: 4 } as const;
    const expected = { correlationId: '7', throttleTimeMs: '0', errorCode: '27 REBALANCE_IN_PROGRESS' };
    expect(named(explain(Buffer.concat([frame, frame]), what))).toEqual({ size: '12', ...expected });
    expect(named(explain(frame.subarray(4), what))).toEqual(expected);
  });

  it('names tagged fields, and fields that stand in memory elsewhere than on the wire', () => {
    const sample = sampleOf(Produce, 'response', 10, 'lone');
    const dump = explain(encodeBody(Produce, 'response', 10, sample), { part: 'response', api: Produce, version: 10 });
    expect(named(dump)).toMatchObject({
      'responses[0].partitionResponses[0].currentLeader.leaderId': expect.any(String),
      'nodeEndpoints[0].host': expect.any(String),
    });
    const body = bytes`0000 00000003 0001 'h' 00002384`;
    expect(named(explain(body, { part: 'response', api: FindCoordinator, version: 0 }))).toEqual({
      'coordinators[0].errorCode': '0',
      'coordinators[0].nodeId': '3',
      'coordinators[0].host': '"h"',
      'coordinators[0].port': '9092',
    });
  });

  it('shows tags that nobody knows', () => {
    const dump = explain(bytes`0000 01 00000000 01 63 03 010203`, { part: 'response', api: ApiVersions, version: 3 });
    expect(dump.split('\n').slice(-2)).toEqual([
      '0007  01                          tags             1',
      '000a  010203                      unknown tag 99   3',
    ]);
  });

  it('the refusal of a version of ApiVersions is in the layout of v0', () => {
    const dump = explain(bytes`0023 00000001 0012 0000 0004`, { part: 'response', api: ApiVersions, version: 5 });
    expect(named(dump)).toMatchObject({ errorCode: '35 UNSUPPORTED_VERSION', 'apiKeys[0].maxVersion': '4' });
    expect(failures(dump)).toEqual([]);
  });

  it('hides secrets when asked to, and shows them otherwise', () => {
    const frame = encodeRequestFrame(SaslAuthenticate, 2, { authBytes: Buffer.from('\0alice\0secret') }, sender);
    expect(explain(frame)).toContain('616c696365');
    const hidden = explain(frame, undefined, { hidesSecrets: true });
    expect(hidden).not.toContain('616c696365');
    expect(named(hidden)).toMatchObject({ authBytes: '13 bytes, not shown' });
    const cut = explain(frame.subarray(0, -4), undefined, { hidesSecrets: true });
    expect(cut).not.toContain('616c696365');
    expect(failures(cut)).toHaveLength(2);
  });

  it.each([
    'listener.name.x.plain.sasl.jaas.config',
    'ssl.keystore.password',
    'ssl.keystore.key',
    'my.plugin.client.secret',
  ])('hides the value of the configuration %s, also where the frame is cut', (secret) => {
    const config = (name: string, value: string) => ({ name, configOperation: 0, value });
    const configs = [config(secret, 'hidden away'), config('retention.ms', 'plain')];
    const resources = [{ resourceType: 4, resourceName: '1', configs }];
    const frame = encodeRequestFrame(IncrementalAlterConfigs, 1, { resources, validateOnly: false }, sender);
    const hidden = explain(frame, undefined, { hidesSecrets: true });
    expect(named(hidden)).toMatchObject({
      'resources[0].configs[0].value': '11 bytes, not shown',
      'resources[0].configs[1].value': '"plain"',
    });
    for (const dump of [hidden, explain(frame.subarray(0, -4), undefined, { hidesSecrets: true })]) {
      expect(dump).not.toContain('hidden');
      expect(dump).not.toContain(Buffer.from('idd').toString('hex'));
    }
    expect(explain(frame)).toContain('hidden away');
  });

  it('has a name for each value of every API and version, nulls included', () => {
    for (const api of apis) {
      for (let version = api.versions[0]; version <= api.versions[1]; version++) {
        for (const part of DIRECTIONS) {
          for (const style of ['full', 'sparse'] as const) {
            const body = encodeBody(api, part, version, sampleOf(api, part, version, style));
            const lines = explain(body, { part, api, version }).split('\n').slice(1);
            const nameless = lines.filter(
              (line) => !line.includes(' = ') && !/ {2}(tags|tag \d+|rest) |partial batch/.test(line),
            );
            // In v0 an empty array means null: the array that was read is gone.
            if (api === Metadata && version === 0 && style === 'sparse') continue;
            expect(nameless, `${api.name} v${version} ${part} ${style}`).toEqual([]);
          }
        }
      }
    }
  });
});

describe('explain, where bytes do not fit', () => {
  const what = { part: 'response', api: Produce, version: 0 } as const;

  it('says so at the field that could not be read, by its name, and shows what is left', () => {
    expect(explain(bytes`00000001 0001 't' 0000000a 00`, what).split('\n')).toEqual([
      '      Produce v0 response',
      '0000  00000001                    array            responses = 1',
      '0004  000174                      string           responses[0].name = "t"',
      '0007  !! responses[0].partitionResponses: array of 10 announced, 1 bytes left at byte 11',
      '0007  0000000a00                  rest             5 bytes',
    ]);
  });

  it('shows bytes that are left over after the body', () => {
    expect(failures(explain(bytes`00000000 ff`, what))).toEqual(['0004  !! 1 bytes left over after the body']);
  });

  it('says which API key or version is unknown', () => {
    expect(failures(explain(bytes`0000000a 1267 0001 00000001 ffff`))).toEqual([
      '0004  !! request with unknown API key 4711 (v1)',
    ]);
    expect(failures(explain(bytes`0000`, { ...what, version: 99 }))[0]).toContain('Produce has no v99: v0-');
  });

  it('a broken frame does not keep the next one from being explained', () => {
    const good = encodeRequestFrame(Heartbeat, 4, heartbeat, sender);
    const broken = Buffer.from(good);
    broken[good.length - 2] = 0x7f;
    const dump = explain(Buffer.concat([broken, good]));
    expect(failures(dump)).toHaveLength(1);
    expect(failures(dump)[0]).toContain('groupInstanceId: 126 bytes needed');
    expect(dump.match(/Heartbeat v4 request/g)).toHaveLength(2);
  });

  it('a frame that is cut is explained as far as it goes', () => {
    const frame = encodeRequestFrame(Metadata, 12, request, sender);
    const dump = explain(frame.subarray(0, -10), { part: 'request frames' });
    expect(failures(dump)).toEqual([
      '0000  !! frame of 41 bytes announced, 31 follow',
      expect.stringMatching(/^0022 {2}!! topics\[0\]\.name: /),
    ]);
    expect(named(dump)).toMatchObject({ 'topics[0].topicId': expect.any(String) });
  });

  it('every prefix and every changed byte of frames gives a dump and never an exception', () => {
    const frame = encodeRequestFrame(Produce, 9, produceWith(bytes`00`), sender);
    for (let length = 0; length < frame.length; length++)
      expect(explain(frame.subarray(0, length))).toBeTypeOf('string');
    for (let at = 0; at < frame.length; at++) {
      for (const value of [0x00, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(frame);
        changed[at] = value;
        expect(explain(changed)).toBeTypeOf('string');
      }
    }
  });
});

function produceWith(records: Buffer): Parameters<typeof Produce.request.encode>[2] {
  const partitionData = [{ index: 0, records }];
  return {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: 't', topicId: ZERO_UUID, partitionData }],
  };
}
