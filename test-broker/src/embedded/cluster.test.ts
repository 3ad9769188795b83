// Nodes that stand still, topics that grow, logs that are cut: what a cluster does to its clients, over sockets.
import { CreatePartitions, Errors, Fetch, Heartbeat, JoinGroup, Metadata, Produce, SyncGroup } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { TestBroker } from './test-broker.ts';
import { RawClient } from './testing/raw-client.ts';
import { batchOf, fetchOf, fetchPartition, metadataOf, produceOf } from './testing/requests.ts';

const JOIN = {
  groupId: 'g',
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  memberId: '',
  groupInstanceId: null,
  protocolType: 'consumer',
  protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  reason: null,
};

/** A member of a group of one, in its first generation. */
async function joined(client: RawClient): Promise<{ memberId: string; generationId: number }> {
  const { memberId, generationId } = await client.ask(JoinGroup, 3, JOIN);
  const claim = { groupId: 'g', memberId, generationId, groupInstanceId: null };
  const assignments = [{ memberId, assignment: Buffer.alloc(0) }];
  await client.ask(SyncGroup, 3, { ...claim, protocolType: null, protocolName: null, assignments });
  return { memberId, generationId };
}

describe('a node that the cluster has given up', () => {
  it('still answers, but takes nothing for partitions that others lead now', async () => {
    await using broker = await TestBroker.start({ brokers: 3, topics: { t: 1 } });
    using old = await RawClient.open(broker.bootstrap);
    broker.freezeNode(1);
    broker.fenceNode(1);
    expect(broker.leaderOf('t')).toBe(2);
    const refused = await old.ask(Produce, 9, produceOf('t', batchOf(['a'])));
    expect(refused.responses[0]?.partitionResponses[0]?.errorCode).toBe(6);
    expect((await old.ask(Metadata, 9, metadataOf('t'))).brokers.map(({ nodeId }) => nodeId)).toEqual([2, 3]);
    broker.thawNode(1);
    expect((await old.ask(Metadata, 9, metadataOf('t'))).brokers).toHaveLength(3);
  });

  it('listens again when it was stopped before it could go on', async () => {
    await using broker = await TestBroker.start({ brokers: 3 });
    broker.freezeNode(1);
    broker.fenceNode(1);
    await broker.stopNode(1);
    broker.thawNode(1);
    await broker.startNode(1);
    using client = await RawClient.open(broker.bootstrap);
    expect((await client.ask(Metadata, 9, metadataOf('t'))).brokers).toHaveLength(3);
  });

  it('hands its groups over with their members and generations', async () => {
    await using broker = await TestBroker.start({ brokers: 3 });
    const before = broker.coordinatorOf('g');
    using old = await RawClient.open(broker.addresses()[before - 1] ?? '');
    const member = { groupId: 'g', groupInstanceId: null, ...(await joined(old)) };
    broker.fenceNode(before);
    expect((await old.ask(Heartbeat, 3, member)).errorCode).toBe(16);
    using next = await RawClient.open(broker.addresses()[broker.coordinatorOf('g') - 1] ?? '');
    expect((await next.ask(Heartbeat, 3, member)).errorCode).toBe(0);
  });
});

describe('a topic that grows', () => {
  it('has more partitions at once, and refuses to have fewer', async () => {
    await using broker = await TestBroker.start({ brokers: 3, topics: { t: 1 } });
    using client = await RawClient.open(broker.bootstrap);
    const ask = async (name: string, count: number, validateOnly = false) => {
      const topics = [{ name, count, assignments: null }];
      return (await client.ask(CreatePartitions, 3, { topics, timeoutMs: 1000, validateOnly })).results[0]?.errorCode;
    };
    expect([await ask('t', 2, true), await ask('t', 3), await ask('t', 3), await ask('u', 1)]).toEqual([0, 0, 37, 3]);
    expect([0, 1, 2].map((p) => broker.leaderOf('t', p))).toEqual([1, 2, 3]);
    broker.growTopic('t', 4);
    expect(broker.leaderOf('t', 3)).toBe(1);
  });
});

describe('a log that is cut', () => {
  it('remembers of producers what is left, so that a retry of that is still no second copy', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 } });
    using client = await RawClient.open(broker.bootstrap);
    const first = produceOf('t', batchOf(['a'], { producerId: 7n, producerEpoch: 0, baseSequence: 0 }));
    const second = produceOf('t', batchOf(['b'], { producerId: 7n, producerEpoch: 0, baseSequence: 1 }));
    for (const request of [first, second]) await client.ask(Produce, 9, request);
    broker.truncate('t', 0, 1n);
    for (const request of [first, second]) await client.ask(Produce, 9, request);
    expect(broker.records('t').map(({ value }) => value?.toString())).toEqual(['a', 'b']);
  });
});

describe('a broker that was started again', () => {
  it('remembers of each producer the newest batch only: a retry of an older one is out of order', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 } });
    const batches = ['a', 'b'].map((value, baseSequence) =>
      produceOf('t', batchOf([value], { producerId: 7n, producerEpoch: 0, baseSequence })),
    );
    const send = async (): Promise<unknown[]> => {
      using client = await RawClient.open(broker.bootstrap);
      const codes: unknown[] = [];
      for (const request of batches) {
        const { responses } = await client.ask(Produce, 9, request);
        codes.push(responses[0]?.partitionResponses[0]?.errorCode);
      }
      return codes;
    };
    expect(await send()).toEqual([0, 0]);
    expect(await send()).toEqual([0, 0]);
    await broker.restart();
    expect(await send()).toEqual([Errors.OUT_OF_ORDER_SEQUENCE_NUMBER, 0]);
    expect(broker.offsets('t').end).toBe(2n);
  });
});

describe('whoever watches the broker', () => {
  it('sees each stored batch and offset, and answers that demand a pause', async () => {
    const appended: bigint[] = [];
    await using broker = await TestBroker.start({
      topics: { t: 1 },
      onAppend: ({ baseOffset }) => appended.push(baseOffset),
    });
    using client = await RawClient.open(broker.bootstrap);
    broker.on(Produce, { throttleMs: 250 });
    expect((await client.ask(Produce, 9, produceOf('t', batchOf(['a', 'b'])))).throttleTimeMs).toBe(250);
    broker.append('t', [{ value: 'c' }]);
    expect(appended).toEqual([0n, 2n]);
  });
});

describe('a log that was cut to nothing', () => {
  it('says where it parts from what a reader has seen, although no record of that epoch is left', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 } });
    using client = await RawClient.open(broker.bootstrap);
    broker.append('t', [{ value: 'a' }]);
    broker.truncate('t', 0, 0n);
    broker.append('t', [{ value: 'b' }, { value: 'c' }]);
    const asked = fetchPartition(0, 1n, { lastFetchedEpoch: 0 });
    const answer = await client.ask(Fetch, 12, fetchOf('t', [asked]));
    expect(answer.responses[0]?.partitions[0]?.divergingEpoch).toEqual({ epoch: 0, endOffset: 0n });
  });
});
