// Brokers that are behind say what was true before: what is known already is not taken back.
import { Errors, type MetadataResponse, ZERO_UUID } from '@hopwire/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  applyMetadata,
  EMPTY_SNAPSHOT,
  isContested,
  type MetadataSnapshot,
  type TopicMetadata,
  withRefusedId,
} from './metadata.ts';

const [OLD, NEW, OTHER] = ['1', '2', '3'].map((digit) => `00000000-0000-0000-0000-00000000000${digit}`) as [
  string,
  string,
  string,
];

interface Said {
  id?: string;
  count?: number;
  errorCode?: number;
  epoch?: number;
}

function answer({ id = OLD, count = 1, errorCode = 0, epoch = 5 }: Said): MetadataResponse {
  const partitions = Array.from({ length: count }, (_, partitionIndex) => ({
    ...{ errorCode: 0, partitionIndex, leaderId: 1, leaderEpoch: epoch },
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

/** Each answer a tenth of a second after the one before. */
function idAfter(...ids: string[]): string | undefined {
  return follow(EMPTY_SNAPSHOT, ...ids).topics.get('t')?.topicId;
}

function follow(known: MetadataSnapshot, ...ids: string[]): MetadataSnapshot {
  return ids.reduce((snapshot, id) => {
    vi.advanceTimersByTime(100);
    return applyMetadata(snapshot, answer({ id }), ['t']);
  }, known);
}

/** Known for so long that no broker can be behind it. */
function settled(): MetadataSnapshot {
  const known = after({ id: OLD });
  vi.advanceTimersByTime(10_000);
  return known;
}

describe('another id of a topic', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is believed when two answers give it; the first one asks for a second', () => {
    const known = settled();
    const once = applyMetadata(known, answer({ id: NEW, count: 3 }), ['t']);
    expect([once.topics.get('t')?.topicId, once.topics.get('t')?.partitions.size]).toEqual([OLD, 1]);
    expect(isContested(known, once)).toBe(true);
    const twice = applyMetadata(once, answer({ id: NEW, count: 3 }), ['t']);
    expect([twice.topics.get('t')?.topicId, twice.topics.get('t')?.partitions.size]).toEqual([NEW, 3]);
    expect(isContested(once, twice)).toBe(false);
    expect([...twice.topicNamesById.keys()]).toEqual([NEW]);
  });

  it('is believed although other brokers still give the one before, but not when that are many more', () => {
    expect(follow(settled(), NEW, OLD, NEW).topics.get('t')?.topicId).toBe(NEW);
    expect(follow(settled(), NEW, OLD, OLD, OLD, NEW, OLD, OLD, OLD).topics.get('t')?.topicId).toBe(OLD);
  });

  it('is believed at once after the topic was said not to be there, and after a leader refused the id before', () => {
    const unknown = { count: 0, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION };
    expect(after({ id: OLD }, { id: ZERO_UUID, ...unknown }, { id: NEW }).topics.get('t')?.topicId).toBe(NEW);
    expect(follow(withRefusedId(after({ id: OLD }), 't', OLD), NEW).topics.get('t')?.topicId).toBe(NEW);
    expect(follow(withRefusedId(after({ id: OLD }), 't', OTHER), NEW).topics.get('t')?.topicId).toBe(OLD);
  });

  it('needs three answers in a row where the one before is known for a moment only: that may be the wrong one', () => {
    expect(idAfter(OLD, NEW, NEW, OLD, NEW, NEW)).toBe(OLD);
    expect(idAfter(OLD, NEW, OTHER, NEW, OTHER)).toBe(OLD);
    expect(idAfter(OLD, NEW, NEW, NEW)).toBe(NEW);
  });

  it('that was replaced comes back only when for five seconds no broker gives the one that replaced it', () => {
    const replaced = follow(settled(), NEW, NEW);
    const times = (count: number, id: string): string[] => Array.from({ length: count }, () => id);
    expect(follow(replaced, ...times(49, OLD)).topics.get('t')?.topicId).toBe(NEW);
    expect(follow(replaced, ...times(30, OLD), NEW, ...times(30, OLD)).topics.get('t')?.topicId).toBe(NEW);
    expect(follow(replaced, ...times(52, OLD)).topics.get('t')?.topicId).toBe(OLD);
  });
});

describe('an answer for all topics', () => {
  it('that lacks one which is in use says that it is unknown, and takes no leader away', () => {
    const known = after({ count: 2 });
    const nothing = { ...answer({}), topics: [] };
    const now = applyMetadata(known, nothing, null, ['t']).topics.get('t');
    expect([now?.errorCode, now?.partitions.size]).toEqual([Errors.UNKNOWN_TOPIC_OR_PARTITION, 2]);
    expect(applyMetadata(known, nothing, null, []).topics.size).toBe(0);
  });
});

describe('less than is known', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Each answer a second after the one before. */
  const heard = (...said: Said[]): TopicMetadata | undefined =>
    said
      .reduce((known, one) => {
        vi.advanceTimersByTime(1_000);
        return applyMetadata(known, answer(one), ['t']);
      }, EMPTY_SNAPSHOT)
      .topics.get('t');
  const sizeAfter = (...said: Said[]): number | undefined => heard(...said)?.partitions.size;
  const times = (count: number, said: Said): Said[] => Array.from({ length: count }, () => said);

  it('a partition with a number below zero is none', () => {
    const [topic] = answer({}).topics;
    const partitions = [-32_768, 0].map((partitionIndex) => ({ ...topic?.partitions[0], partitionIndex }));
    const said = { ...answer({}), topics: [{ ...topic, partitions }] } as MetadataResponse;
    expect([...(applyMetadata(EMPTY_SNAPSHOT, said, ['t']).topics.get('t')?.partitions.keys() ?? [])]).toEqual([0]);
  });

  it('fewer partitions of a topic with the same id are not believed', () => {
    expect(sizeAfter({ count: 6 }, ...times(9, { count: 2 }))).toBe(6);
  });

  it('fewer partitions of a topic without ids are believed when all answers of five seconds have them', () => {
    const [six, two] = [
      { id: ZERO_UUID, count: 6 },
      { id: ZERO_UUID, count: 2 },
    ];
    expect(sizeAfter(six, ...times(5, two), six, ...times(5, two))).toBe(6);
    expect(sizeAfter(six, ...times(6, two))).toBe(2);
  });

  it('a lower epoch is believed when all answers of five seconds have it', () => {
    const epochAfter = (id: string, ...said: number[]): number | undefined =>
      heard(...said.map((epoch) => ({ id, epoch })))?.partitions.get(0)?.leaderEpoch;
    expect(epochAfter(ZERO_UUID, 5, 0, 0, 0, 0, 0)).toBe(5);
    expect(epochAfter(ZERO_UUID, 5, 0, 0, 0, 5, 0, 0, 0)).toBe(5);
    expect(epochAfter(ZERO_UUID, 5, 0, 0, 0, 0, 0, 0)).toBe(0);
    expect(epochAfter(OLD, 5, 0, 0, 0, 0, 0)).toBe(5);
    expect(epochAfter(OLD, 5, 0, 0, 0, 5, 0, 0, 0)).toBe(5);
    expect(epochAfter(OLD, 2 ** 31 - 1, 0, 0, 0, 0, 0, 0)).toBe(0);
  });
});
