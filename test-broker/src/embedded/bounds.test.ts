// What a client cannot make the broker keep. Codes and texts are those of Kafka 4.3.1, asked on its socket.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Duplex } from 'node:stream';
import { CreatePartitions, CreateTopics, Errors, Metadata } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { Verbs } from '../verbs.ts';
import { Cluster } from './cluster.ts';
import { Connection } from './connection.ts';
import { Listener } from './listener.ts';
import { resolveOptions } from './options.ts';
import { Room } from './room.ts';
import { Router } from './router.ts';
import { TestBroker } from './test-broker.ts';
import { RawClient } from './testing/raw-client.ts';
import { metadataOf } from './testing/requests.ts';
import { Users } from './users.ts';

const topicOf = (name: string, numPartitions: number) => ({
  name,
  numPartitions,
  replicationFactor: -1,
  assignments: [],
  configs: [],
});

async function created(client: RawClient, ...counts: readonly number[]) {
  const topics = counts.map((count, i) => topicOf(`t${i}`, count));
  const answer = await client.ask(CreateTopics, 7, { topics, timeoutMs: 1000, validateOnly: true });
  return answer.topics.map(({ errorCode, errorMessage }) => [errorCode, errorMessage]);
}

const EXCESSIVE = [Errors.POLICY_VIOLATION, 'Excessively large number of partitions per request.'];

describe('partitions', () => {
  it.each([[[10_001]], [[2_147_483_647]], [[5_000, 5_000, 5_000]]])(
    'of one CreateTopics, %j, are too many, and none is created',
    async (counts) => {
      await using broker = await TestBroker.start();
      using client = await RawClient.open(broker.bootstrap);
      expect(await created(client, ...counts)).toEqual(counts.map(() => EXCESSIVE));
    },
  );

  it('of one CreateTopics may be as many as the controller can write at once', async () => {
    await using broker = await TestBroker.start();
    using client = await RawClient.open(broker.bootstrap);
    expect(await created(client, 9_999)).toEqual([[0, null]]);
    const tooMany = [Errors.POLICY_VIOLATION, 'Unable to perform excessively large batch operation.'];
    expect(await created(client, 10_000)).toEqual([tooMany]);
  });

  it('of one CreatePartitions may be ten thousand more', async () => {
    await using broker = await TestBroker.start({ topics: { a: 1, b: 1 } });
    using client = await RawClient.open(broker.bootstrap);
    const grown = async (...counts: readonly number[]) => {
      const topics = counts.map((count, i) => ({ name: 'ab'.charAt(i), count, assignments: null }));
      const request = { topics, timeoutMs: 1000, validateOnly: true };
      return (await client.ask(CreatePartitions, 3, request)).results.map(({ errorCode }) => errorCode);
    };
    expect([await grown(10_001), await grown(10_002)]).toEqual([[0], [-1]]);
    expect([await grown(6_000, 6_000), await grown(2_147_483_647)]).toEqual([[0, -1], [-1]]);
  });

  it('of all topics together are at most a hundred thousand, however they come', async () => {
    await using broker = await TestBroker.start({ topics: { all: 99_999, other: 1 } });
    using client = await RawClient.open(broker.bootstrap);
    expect(await created(client, 1)).toMatchObject([[Errors.POLICY_VIOLATION, expect.stringContaining('No room')]]);
    const topics = [{ name: 'other', count: 2, assignments: null }];
    const grown = await client.ask(CreatePartitions, 3, { topics, timeoutMs: 1000, validateOnly: false });
    expect(grown.results[0]?.errorCode).toBe(Errors.POLICY_VIOLATION);
    const met = await client.ask(Metadata, 9, { ...metadataOf('new'), allowAutoTopicCreation: true });
    expect(met.topics[0]?.errorCode).toBe(Errors.POLICY_VIOLATION);
    broker.deleteTopic('other');
    expect(await created(client, 1)).toEqual([[0, null]]);
  });
});

describe('requests that are not answered yet', () => {
  const [node] = new Cluster(resolveOptions({})).nodes;
  const never = new Promise<never>(() => {});

  function opened(room: Room, reply: () => Promise<null> = () => never) {
    if (!node) throw new Error('a cluster has a node');
    const problems: string[] = [];
    const socket = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
    const rest = { sasl: null, address: '', user: '', number: 1, onExchange: null, listener: 'plaintext' };
    const onProblem = (problem: Error): void => void problems.push(problem.message);
    new Connection(socket, { ...rest, node, router: { reply }, onProblem, room });
    return { socket, problems };
  }

  it('share a room: the connection for which there is none left is closed', () => {
    const room = new Room(100, 'requests');
    const [first, second] = [opened(room), opened(room)];
    first.socket.emit('data', Buffer.from([0, 0, 0, 90, ...Array(80).fill(0)]));
    second.socket.emit('data', Buffer.from([0, 0, 0, 90, ...Array(20).fill(0)]));
    expect([first.socket.destroyed, second.socket.destroyed]).toEqual([false, true]);
    expect(second.problems).toEqual(['more than 100 bytes of requests']);
    first.socket.destroy();
    first.socket.emit('close');
    expect(room.taken).toBe(0);
  });

  it('leave it when they are answered', async () => {
    const room = new Room(100, 'requests');
    const { socket } = opened(room, () => Promise.resolve(null));
    socket.emit('data', Buffer.from([0, 0, 0, 2, 0, 0, 0, 0, 0]));
    await new Promise((resolve) => setImmediate(resolve));
    // Three bytes of the next one's size.
    expect(room.taken).toBe(3);
  });
});

describe('connections of a listener', () => {
  it('beyond its limit are refused, and there is room again when one has gone', async () => {
    const cluster = new Cluster(resolveOptions({}));
    const [node] = cluster.nodes;
    if (!node) throw new Error('a cluster has a node');
    const problems: string[] = [];
    const listener = new Listener({
      node,
      name: 'plaintext',
      host: '127.0.0.1',
      port: 0,
      router: new Router(cluster, [], new Verbs(), {}),
      users: new Users({}),
      reauthenticateMs: 0,
      certificates: null,
      onProblem: ({ message }) => void problems.push(message),
      nextConnection: () => 1,
      onExchange: null,
      room: new Room(1000, 'requests'),
      mostConnections: 2,
    });
    await listener.open();
    const port = node.ports.get('plaintext') ?? 0;
    const open = async () => {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    const [first] = [await open(), await open()];
    const third = await open();
    await once(third.resume(), 'close');
    expect(problems).toEqual(['more than 2 connections: one is refused']);
    first.destroy();
    await once(first, 'close');
    const fourth = await open();
    expect(fourth.destroyed).toBe(false);
    expect(problems).toHaveLength(1);
    await listener.close();
  });
});
