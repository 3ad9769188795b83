// Frames recorded from real brokers, which are read whole and written again as the same bytes.
import { describe, expect, it } from 'vitest';
import type { AnyApi } from '../api.ts';
import {
  decodeRequestMessage,
  decodeResponse,
  decodeResponseMessage,
  encodeResponse,
  requestFrameChunks,
  responseFrameChunks,
} from '../frame/message.ts';
import { overShared, readShared, sharedMissing } from '../testing/shared.ts';
import { ApiVersions, type ApiVersionsResponse, decodeApiVersionsRefusal } from './api-versions.ts';
import { apiByKey } from './index.ts';
import { Produce } from './produce.ts';

const UNSUPPORTED_VERSION = 35;

interface VersionsCapture {
  request: Record<string, { rawHex?: string; error?: number; apis?: Record<string, { min: number; max: number }> }>;
}

interface FramesCapture {
  frames: { dir: 'request' | 'response'; api: number; version: number; corr: number; hex: string }[];
}

type OldCapture = Record<string, { produce: string | { baseOffset: number; hex: string } }>;

const versionsFiles = ['3.9.2', '4.3.1', '4.4.0', 'kfake', 'kop-3.1.1.1', 'kop-3.1.1.1-sasl'];

describe.skipIf(sharedMissing)(overShared('answers to ApiVersions'), () => {
  it.each(versionsFiles)('of %s are read and written again, in each version', (broker) => {
    const { request } = readShared(`captures/apiversions-${broker}.json`) as VersionsCapture;
    const answered = Object.entries(request).filter(([, { rawHex }]) => rawHex !== undefined);
    expect(answered.length).toBeGreaterThan(3);
    for (const [key, { rawHex = '', error, apis = {} }] of answered) {
      const frame = Buffer.from(rawHex, 'hex');
      const version = Number(key.slice(1));
      const answer =
        error === UNSUPPORTED_VERSION ? decodeApiVersionsRefusal(frame.subarray(4)) : again(version, frame);
      expect(answer.errorCode, key).toBe(error);
      const ranges = answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, minVersion, maxVersion]);
      expect(ranges.sort(byKey), key).toEqual(Object.entries(apis).map(([k, { min, max }]) => [Number(k), min, max]));
    }
  });
});

function byKey(a: readonly (number | undefined)[], b: readonly (number | undefined)[]): number {
  return (a[0] ?? 0) - (b[0] ?? 0);
}

function again(version: number, frame: Buffer): ApiVersionsResponse {
  const answer = decodeResponseMessage(ApiVersions, version, frame);
  expectFrame(responseFrameChunks(ApiVersions, version, frame.readInt32BE(0), answer), frame);
  return answer;
}

function expectFrame(chunks: readonly Buffer[], frame: Buffer): void {
  const written = Buffer.concat(chunks);
  expect(written.readInt32BE(0)).toBe(frame.length);
  expect(written.subarray(4).toString('hex')).toBe(frame.toString('hex'));
}

/** librdkafka fills in one of the four bytes it reserved for the null that asks for all topics: not written again. */
const WIDE_NULL = '0003000c00000004000772646b61666b610000000000010000';

function requestAgain(api: AnyApi, version: number, corr: number, frame: Buffer): void {
  const request = decodeRequestMessage(api, frame);
  expect(request).toMatchObject({ apiKey: api.key, apiVersion: version, correlationId: corr });
  if (frame.toString('hex') === WIDE_NULL) expect(request.body).toMatchObject({ topics: null });
  else expectFrame(requestFrameChunks(api, version, corr, request.clientId, request.body), frame);
}

function responseAgain(api: AnyApi, version: number, corr: number, frame: Buffer): void {
  const response = decodeResponseMessage(api, version, frame);
  expectFrame(responseFrameChunks(api, version, corr, response), frame);
}

const ours = ['kafka', 'pulsar'].flatMap((format) => {
  const capture = readShared(`captures/kop-frames-${format}.json`) as FramesCapture | null;
  return (capture?.frames ?? []).flatMap(({ api: key, ...frame }) => {
    const api = apiByKey(key);
    return api ? [{ ...frame, api, name: `${api.name} v${frame.version} ${frame.dir}, entryFormat=${format}` }] : [];
  });
});

describe.skipIf(sharedMissing)(overShared('what librdkafka and KoP said to each other'), () => {
  it.each([...new Set(ours.map(({ name }) => name))])('is read and written again: %s', (kind) => {
    for (const { dir, api, version, corr, hex } of ours.filter(({ name }) => name === kind)) {
      (dir === 'request' ? requestAgain : responseAgain)(api, version, corr, Buffer.from(hex, 'hex'));
    }
  });

  it('covers the APIs of a producer, a consumer group and topic creation', () => {
    const names = new Set(ours.map(({ api }) => api.name));
    const expected = ['Produce', 'Fetch', 'Metadata', 'JoinGroup', 'SyncGroup', 'OffsetCommit', 'CreateTopics'];
    expect([...names]).toEqual(expect.arrayContaining(expected));
  });
});

describe.skipIf(sharedMissing)(overShared('answers to Produce v0 to v2'), () => {
  it.each(['3.9.2', 'kop-kafka', 'kop-pulsar'])('of %s are read and written again', (broker) => {
    const capture = readShared(`captures/old-${broker}.json`) as OldCapture;
    for (const [name, { produce }] of Object.entries(capture)) {
      if (typeof produce === 'string') throw new Error(`${name}: ${produce}`);
      const version = Number(/produce v(\d)/.exec(name)?.[1]);
      const body = Buffer.from(produce.hex, 'hex');
      const answer = decodeResponse(Produce, version, body);
      expect(answer.responses[0]?.partitionResponses[0]).toMatchObject({
        errorCode: 0,
        baseOffset: BigInt(produce.baseOffset),
      });
      expect(encodeResponse(Produce, version, answer).toString('hex'), name).toBe(produce.hex);
    }
  });
});
