// Leaders that answers tell of (KIP-951).
import { Errors } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it, vi } from 'vitest';
import type { KafkaEvent } from '../events.ts';
import { createClient } from '../kafka.ts';
import { leaderHint, withLeaders } from './leader-hint.ts';
import { EMPTY_SNAPSHOT, type MetadataSnapshot } from './metadata.ts';

const where = { topic: 't', partition: 0 };

function led(leaderId: number, leaderEpoch: number): MetadataSnapshot {
  const partition = { partition: 0, leaderId, leaderEpoch, errorCode: 0, replicas: [1], isr: [1] };
  const topic = { name: 't', topicId: 'id', errorCode: 0, isInternal: false, partitions: new Map([[0, partition]]) };
  return { ...EMPTY_SNAPSHOT, topics: new Map([['t', topic]]) };
}

describe('a leader that an answer tells of', () => {
  it('is taken when its epoch is newer, and never when it is older', () => {
    const hints = leaderHint(where, Errors.NOT_LEADER_OR_FOLLOWER, { leaderId: 2, leaderEpoch: 5 });
    const now = withLeaders(led(1, 4), hints, [{ nodeId: 2, host: 'h', port: 1, rack: null }]);
    expect(now.topics.get('t')?.partitions.get(0)).toMatchObject({ leaderId: 2, leaderEpoch: 5 });
    expect(now.brokers.get(2)).toMatchObject({ host: 'h', port: 1 });
    const newer = led(1, 6);
    expect(withLeaders(newer, hints, [])).toBe(newer);
  });

  it('is nothing when the answer has another error, or says nobody', () => {
    expect(leaderHint(where, Errors.NOT_LEADER_OR_FOLLOWER, { leaderId: -1, leaderEpoch: -1 })).toEqual([]);
    expect(leaderHint(where, Errors.KAFKA_STORAGE_ERROR, { leaderId: 2, leaderEpoch: 5 })).toEqual([]);
  });

  it('is followed by producers and consumers without asking for metadata', async () => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { t: 1 } });
    const asked: string[] = [];
    const onEvent = (event: KafkaEvent): void => {
      if (event.type === 'request') asked.push(event.api);
    };
    await using kafka = createClient({ brokers: broker.bootstrap, onEvent });
    await using producer = kafka.producer();
    await producer.send({ topic: 't', value: 'before' });
    const loop = kafka.consumer({ topics: ['t'], startAt: 'earliest', maxWaitMs: 50 })[Symbol.asyncIterator]();
    await loop.next();
    // A consumer that has begun to read makes sure once that the topic is still the same one.
    await vi.waitFor(() => expect(asked.filter((api) => api === 'Metadata')).toHaveLength(2));
    asked.length = 0;
    broker.moveLeader('t', 0, broker.leaderOf('t') === 1 ? 2 : 1);
    await producer.send({ topic: 't', value: 'after' });
    expect((await loop.next()).value.text()).toBe('after');
    expect(asked).not.toContain('Metadata');
    await loop.return?.();
  });
});
