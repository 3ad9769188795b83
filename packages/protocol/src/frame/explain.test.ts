import { describe, expect, it } from 'vitest';
import { ApiVersions } from '../apis/api-versions.ts';
import { apiByKey, apis } from '../apis/index.ts';
import { Metadata } from '../apis/metadata.ts';
import { Produce } from '../apis/produce.ts';
import { bytes } from '../testing/bytes.ts';
import { DIRECTIONS, encodeBody } from '../testing/direction.ts';
import { sampleOf } from '../testing/sample-reader.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import { explain } from './explain.ts';
import { encodeRequestFrame } from './message.ts';

const request = {
  topics: [{ topicId: ZERO_UUID, name: 'orders' }],
  allowAutoTopicCreation: true,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};

/** Name and value of each line that has a name. */
function named(dump: string): Record<string, string> {
  const lines = [...dump.matchAll(/^[0-9a-f]{4} .{28} +(?:\S+ )+ *(\S+) = (.*)$/gm)];
  return Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value]));
}

describe('explain', () => {
  it('a request frame: header, then every field with offset, bytes, type, name and value', () => {
    const frame = Buffer.concat(encodeRequestFrame(Metadata, 12, 7, 'me', request)).subarray(4);
    expect(explain(frame, { part: 'request frame', apiByKey }).split('\n')).toEqual([
      '0000  0003                        int16            apiKey = 3',
      '0002  000c                        int16            apiVersion = 12',
      '0004  00000007                    int32            correlationId = 7',
      '0008  00026d65                    nullable string  clientId = "me"',
      '000c  00                          tags             header = 0',
      '      Metadata v12 request',
      '000d  02                          array            topics = 1',
      '000e  000000000000000000000000..  uuid             topics[0].topicId = "AAAAAAAAAAAAAAAAAAAAAA"',
      '001e  076f7264657273              nullable string  topics[0].name = "orders"',
      '0025  00                          tags             0',
      '0026  01                          bool             allowAutoTopicCreation = true',
      '0027  00                          bool             includeTopicAuthorizedOperations = false',
      '0028  00                          tags             0',
    ]);
  });

  it('names tagged fields, and fields that stand in memory elsewhere than on the wire', () => {
    const sample = sampleOf(Produce, 'response', 10, 'lone');
    const dump = explain(encodeBody(Produce, 'response', 10, sample), { part: 'response', api: Produce, version: 10 });
    expect(named(dump)).toMatchObject({
      'responses[0].partitionResponses[0].currentLeader.leaderId': expect.any(String),
      'nodeEndpoints[0].host': expect.any(String),
    });
    const coordinator = apiByKey(10);
    if (!coordinator) throw new RangeError('FindCoordinator is missing');
    const body = bytes`0000 00000003 0001 'h' 00002384`;
    expect(named(explain(body, { part: 'response', api: coordinator, version: 0 }))).toEqual({
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

  it('shows bytes that do not fit up to there, the reason, and what is left', () => {
    const dump = explain(bytes`0000 000a 00`, { part: 'response', api: Produce, version: 0 });
    expect(dump).toContain('array of 10 announced');
    expect(explain(bytes`00000000 ff`, { part: 'response', api: Produce, version: 0 })).toContain('1 bytes left over');
    expect(explain(bytes`1267 0000 00000001 ffff`, { part: 'request frame', apiByKey })).toContain(
      'unknown API key 4711',
    );
    expect(explain(bytes`0000`, { part: 'response', api: Produce, version: 99 })).toContain('has no v99');
  });

  it('has a name for each value of every API and version', () => {
    for (const api of apis) {
      for (let version = api.versions[0]; version <= api.versions[1]; version++) {
        for (const part of DIRECTIONS) {
          const body = encodeBody(api, part, version, sampleOf(api, part, version, 'full'));
          const lines = explain(body, { part, api, version }).split('\n').slice(1);
          const nameless = lines.filter((line) => !line.includes(' = ') && !/ {2}(tags|tag \d+) /.test(line));
          expect(nameless, `${api.name} v${version} ${part}`).toEqual([]);
        }
      }
    }
  });
});
