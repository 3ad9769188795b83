// Brokers that are behind say what was true before: what is known already is not taken back.
import { Errors, type MetadataResponse, ZERO_UUID } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { applyMetadata, EMPTY_SNAPSHOT, isContested, type MetadataSnapshot } from './metadata.ts';

const [OLD, NEW, OTHER] = ['1', '2', '3'].map((digit) => `00000000-0000-0000-0000-00000000000${digit}`) as [
  string,
  string,
  string,
];

interface Said {
  id?: string;
  count?: number;
  errorCode?: number;
}

function answer({ id = OLD, count = 1, errorCode = 0 }: Said): MetadataResponse {
  const partitions = Array.from({ length: count }, (_, partitionIndex) => ({
    ...{ errorCode: 0, partitionIndex, leaderId: 1, leaderEpoch: 5 },
    ...{ replicaNodes: [1], isrNodes: [1], offlineReplicas: [] },
  }));
  const topic = { errorCode, name: 't', topicId: id, isInternal: false, partitions };
  return {
    ...{ throttleTimeMs: 0, brokers: [], clusterId: 'c', controllerId: 1, errorCode: 0 },
    ...{ clusterAuthorizedOperations: 0, topics: [{ ...topic, topicAuthorizedOperations: 0 }] },
  };
}

/** What is known after these answers. */
function after(...said: Said[]): MetadataSnapshot {
  return said.reduce((known, one) => applyMetadata(known, answer(one), ['t']), EMPTY_SNAPSHOT);
}

const idAfter = (...ids: string[]): string | undefined => after(...ids.map((id) => ({ id }))).topics.get('t')?.topicId;

describe('another id of a topic', () => {
  it('is believed when two answers in a row give it; the first one asks for a second', () => {
    const known = after({ id: OLD });
    const once = applyMetadata(known, answer({ id: NEW, count: 3 }), ['t']);
    expect([once.topics.get('t')?.topicId, once.topics.get('t')?.partitions.size]).toEqual([OLD, 1]);
    expect(isContested(known, once)).toBe(true);
    const twice = applyMetadata(once, answer({ id: NEW, count: 3 }), ['t']);
    expect([twice.topics.get('t')?.topicId, twice.topics.get('t')?.partitions.size]).toEqual([NEW, 3]);
    expect(isContested(once, twice)).toBe(false);
    expect([...twice.topicNamesById.keys()]).toEqual([NEW]);
  });

  it('is believed at once after the topic was said not to be there', () => {
    const unknown = { count: 0, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION };
    expect(after({ id: OLD }, { id: ZERO_UUID, ...unknown }, { id: NEW }).topics.get('t')?.topicId).toBe(NEW);
  });

  it('is never believed while every second answer gives the known one', () => {
    expect(idAfter(OLD, NEW, OLD, NEW, OLD, NEW)).toBe(OLD);
    expect(idAfter(OLD, NEW, OTHER, NEW, OTHER)).toBe(OLD);
  });

  it('that was replaced already has to be given three times in a row', () => {
    expect(idAfter(OLD, NEW, NEW, OLD, OLD, NEW, OLD, OLD)).toBe(NEW);
    expect(idAfter(OLD, NEW, NEW, OLD, OLD, OLD)).toBe(OLD);
  });
});

describe('fewer partitions', () => {
  const sizeAfter = (...said: Said[]): number | undefined => after(...said).topics.get('t')?.partitions.size;

  it('of a topic with the same id are not believed', () => {
    expect(sizeAfter({ count: 6 }, { count: 2 }, { count: 2 }, { count: 2 }, { count: 2 })).toBe(6);
  });

  it('of a topic without ids are believed when three answers in a row have them', () => {
    const [six, two] = [
      { id: ZERO_UUID, count: 6 },
      { id: ZERO_UUID, count: 2 },
    ];
    expect(sizeAfter(six, two, two, six, two, two)).toBe(6);
    expect(sizeAfter(six, two, two, two)).toBe(2);
  });
});
