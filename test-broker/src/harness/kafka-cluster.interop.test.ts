// The cluster harness itself: three brokers, and what may be done to them.
import { FindCoordinator, Metadata, ZERO_UUID } from '@hopwire/protocol';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Conversation } from './conversation.ts';
import { KafkaCluster } from './kafka-cluster.ts';
import { because, placesFor } from './places.ts';
import { KAFKA_MODERN } from './releases.ts';

const [place] = await placesFor([KAFKA_MODERN]);
const lack = place.lacks('release', 'restart');
const everything = {
  topics: [{ topicId: ZERO_UUID, name: '__consumer_offsets' }],
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};

describe.skipIf(lack)(`Three brokers of Kafka${because(lack)}`, () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await KafkaCluster.start();
  });
  afterAll(() => cluster?.close());

  /** Ids of the brokers that `address` knows of, and the partitions of a topic with fewer than three copies written. */
  async function seenFrom(address: string): Promise<{ brokers: number[]; thin: number; ports: number[] }> {
    await using conversation = Conversation.open(address, 2000);
    const { body } = await conversation.ask(Metadata, 12, everything);
    const thin = body.topics.flatMap(({ partitions }) => partitions).filter(({ isrNodes }) => isrNodes.length < 3);
    return {
      brokers: body.brokers.map(({ nodeId }) => nodeId).sort(),
      thin: thin.length,
      ports: body.brokers.map(({ port }) => port).sort(),
    };
  }

  async function whole(): Promise<void> {
    const seen = (): Promise<unknown> => seenFrom(cluster.node(2).directAddress);
    await vi.waitFor(async () => expect(await seen()).toMatchObject({ brokers: [1, 2, 3], thin: 0 }), 30_000);
  }

  it('tells clients the addresses of the proxies', async () => {
    const { ports } = await seenFrom(cluster.node(1).address);
    expect(ports.map((port) => `127.0.0.1:${port}`)).toEqual([...cluster.bootstrap].sort());
  });

  it.each([
    ['killed', () => cluster.node(1).kill(), () => cluster.node(1).start()],
    ['frozen', async () => cluster.node(1).freeze(), async () => cluster.node(1).thaw()],
    ['stopped', () => cluster.node(1).stop(), () => cluster.node(1).start()],
  ])('a broker that was %s is missed within seconds, and comes back', async (_, end, begin) => {
    await end();
    const seen = (): Promise<unknown> => seenFrom(cluster.node(2).directAddress);
    await vi.waitFor(async () => expect(await seen()).toMatchObject({ brokers: [2, 3] }), 10_000);
    await begin();
    await whole();
  });

  it('a broker that is down refuses at its proxy', async () => {
    await cluster.node(3).kill();
    await expect(seenFrom(cluster.node(3).address)).rejects.toThrow('ECONNREFUSED');
    await cluster.node(3).start();
    await whole();
  });

  it('groups have a coordinator when it has started', async () => {
    await using conversation = Conversation.open(cluster.node(1).address);
    const { body } = await conversation.ask(FindCoordinator, 4, { coordinatorKeys: ['any'], keyType: 0 });
    expect(body.coordinators).toMatchObject([{ errorCode: 0 }]);
  });
});
