// Versions by number: what is sent, and what is refused before it is.
import {
  ApiVersions,
  type ApiVersionsResponse,
  Heartbeat,
  InitProducerId,
  Metadata,
  OffsetCommit,
  Produce,
  type ProduceRequest,
  UnsupportedVersionError,
  type VersionRange,
} from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { createClient, type KafkaEvent } from '../index.ts';
import { exactVersion, versionFor, versionsOf } from './versions.ts';

const [PRODUCE, FETCH] = [0, 1];

function advertising(ranges: readonly (readonly [key: number, ...VersionRange])[]): ApiVersionsResponse {
  return {
    errorCode: 0,
    apiKeys: ranges.map(([apiKey, minVersion, maxVersion]) => ({ apiKey, minVersion, maxVersion })),
    throttleTimeMs: 0,
    supportedFeatures: [],
    finalizedFeaturesEpoch: -1n,
    finalizedFeatures: [],
    zkMigrationReady: false,
  };
}

const metadata = {
  topics: [],
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};
const produce: ProduceRequest = { transactionalId: null, acks: 1, timeoutMs: 1000, topicData: [] };

describe('the versions of a broker', () => {
  it('are those it advertises', () => {
    const versions = versionsOf(
      advertising([
        [PRODUCE, 0, 11],
        [FETCH, 0, 17],
      ]),
    );
    expect(versions.get(PRODUCE)).toEqual([0, 11]);
    expect(versions.get(FETCH)).toEqual([0, 17]);
  });

  it('are without Produce 0-2 where Fetch begins with 4, as Kafka 4 advertises them and hangs up', () => {
    const kafka4 = advertising([
      [PRODUCE, 0, 13],
      [FETCH, 4, 18],
    ]);
    expect(versionsOf(kafka4).get(PRODUCE)).toEqual([3, 13]);
    const proxy = advertising([
      [PRODUCE, 5, 9],
      [FETCH, 4, 11],
    ]);
    expect(versionsOf(proxy).get(PRODUCE)).toEqual([5, 9]);
    expect(versionsOf(advertising([[PRODUCE, 0, 9]])).get(PRODUCE)).toEqual([0, 9]);
  });

  it('chosen by negotiation are stable ones; asked for by number, an unstable one is taken', () => {
    const versions = versionsOf(advertising([[InitProducerId.key, 0, 6]]));
    expect(versionFor(InitProducerId, versions)).toBe(5);
    expect(exactVersion(InitProducerId, versions, 6)).toBe(6);
  });

  it.each([-1, 5, 2.5, Number.NaN])('asked for v%d of Heartbeat, which has 0-4, are refused', (version) => {
    const versions = versionsOf(advertising([[Heartbeat.key, 0, 9]]));
    expect(() => exactVersion(Heartbeat, versions, version)).toThrow(UnsupportedVersionError);
  });
});

describe('kafka.request with a version', () => {
  it.each([0, 1, 2])('does not send Produce v%i to Kafka 4, and says what that takes', async (version) => {
    await using broker = await TestBroker.start();
    const kafka4 = advertising([
      [PRODUCE, 0, 13],
      [FETCH, 4, 18],
      [Metadata.key, 0, 13],
    ]);
    broker.on(ApiVersions, { answer: kafka4 }, { always: true });
    const events: KafkaEvent[] = [];
    await using kafka = createClient({ brokers: broker.bootstrap, onEvent: (event) => void events.push(event) });
    await expect(kafka.request(Produce, produce, { version })).rejects.toMatchObject({
      code: 'UNSUPPORTED_VERSION',
      retriable: false,
      message: expect.stringContaining(`Produce v${version}: we speak v0-13, the broker takes v3-13`),
      theirs: [3, 13],
      asked: version,
    });
    expect(events.filter((event) => event.type === 'request').map(({ api }) => api)).not.toContain('Produce');
    expect(events).not.toContainEqual(expect.objectContaining({ state: 'closed' }));
    await kafka.request(Produce, produce);
    expect(events.findLast((event) => event.type === 'request')).toMatchObject({ api: 'Produce', version: 13 });
  });

  it('sends nothing above or below what the broker has, and goes on over the same connection', async () => {
    await using broker = await TestBroker.start({ maxVersions: { Metadata: 9, Heartbeat: -1 } });
    const events: KafkaEvent[] = [];
    await using kafka = createClient({ brokers: broker.bootstrap, onEvent: (event) => void events.push(event) });
    await expect(kafka.request(Metadata, metadata, { version: 10 })).rejects.toThrow(
      'Metadata v10: we speak v0-13, the broker takes v0-9',
    );
    const commit = {
      groupId: 'g',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      retentionTimeMs: -1n,
      topics: [],
    };
    await expect(kafka.request(OffsetCommit, commit, { version: 0 })).rejects.toThrow('the broker takes v1-10');
    const beat = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: null };
    await expect(kafka.request(Heartbeat, beat, { version: 1 })).rejects.toMatchObject({
      message: 'Heartbeat v1: we speak v0-4, the broker does not have it',
      theirs: null,
    });
    expect((await kafka.request(Metadata, metadata, { version: 9 })).topics).toEqual([]);
    expect(broker.problems).toEqual([]);
    expect(events).not.toContainEqual(expect.objectContaining({ state: 'closed' }));
  });
});
