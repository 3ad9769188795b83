// Fetch sessions (KIP-227): what is said in each state.
import { ZERO_UUID } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { FetchSession, type Wanted } from './fetch-session.ts';

function wanted(topic: string, fetchOffset = 0n, topicId = ZERO_UUID): Wanted {
  return {
    key: `${topic}/0`,
    topic,
    topicId,
    partition: 0,
    fetchOffset,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    maxBytes: 100,
  };
}

const names = (topics: readonly { topic: string }[]): string[] => topics.map(({ topic }) => topic);

function opened(...first: Wanted[]): FetchSession {
  const session = new FetchSession();
  session.next(first, 12);
  session.answered(77);
  return session;
}

describe('fetch session', () => {
  it('begins with a full request that asks for a session', () => {
    const fields = new FetchSession().next([wanted('a')], 12);
    expect(fields).toMatchObject({ sessionId: 0, sessionEpoch: 0, forgottenTopicsData: [] });
    expect(names(fields.topics)).toEqual(['a']);
  });

  it('says only what changed once it is open, and counts its epochs', () => {
    const session = opened(wanted('a'), wanted('b'));
    const second = session.next([wanted('a', 5n), wanted('b')], 12);
    expect(second).toMatchObject({ sessionId: 77, sessionEpoch: 1 });
    expect(names(second.topics)).toEqual(['a']);
    session.answered(77);
    expect(session.next([wanted('a', 5n), wanted('b')], 12)).toMatchObject({ sessionEpoch: 2, topics: [] });
  });

  it('forgets partitions that are not wanted any more (CLI-052)', () => {
    const fields = opened(wanted('a'), wanted('b')).next([wanted('a')], 12);
    expect(fields.topics).toEqual([]);
    expect(fields.forgottenTopicsData).toEqual([{ topic: 'b', topicId: ZERO_UUID, partitions: [0] }]);
  });

  it('a topic made anew is forgotten under its old id and told under the new one', () => {
    const session = new FetchSession();
    session.next([wanted('a', 0n, 'old')], 13);
    session.answered(77);
    const fields = session.next([wanted('a', 0n, 'new')], 13);
    expect(fields.topics).toMatchObject([{ topicId: 'new' }]);
    expect(fields.forgottenTopicsData).toMatchObject([{ topicId: 'old' }]);
  });

  it('knows what the broker said last of the end of a log, as long as the broker does', () => {
    const end = { highWatermark: 7n, lastStableOffset: 5n };
    const session = opened(wanted('a'), wanted('b'));
    expect(session.lastSaid('a/0')).toBeUndefined();
    session.said('a/0', end);
    session.next([wanted('a', 5n), wanted('b')], 12);
    session.answered(77);
    expect(session.lastSaid('a/0')).toEqual(end);
    session.next([wanted('b')], 12);
    expect(session.lastSaid('a/0')).toBeUndefined();
    session.said('b/0', end);
    session.reset();
    expect(session.lastSaid('b/0')).toBeUndefined();
  });

  it('starts anew after an error, when none was made, and between names and ids', () => {
    const session = opened(wanted('a'));
    session.reset();
    expect(session.next([wanted('a')], 12)).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
    session.answered(0);
    expect(session.next([wanted('a')], 12)).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
    session.answered(5);
    expect(session.next([wanted('a')], 13)).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
  });

  it('below version 7 every request is full and without a session', () => {
    expect(new FetchSession().next([wanted('a')], 6)).toMatchObject({ sessionId: 0, sessionEpoch: -1 });
  });
});
