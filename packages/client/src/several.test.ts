// Several of everything out of one client: nobody waits for anybody else, and no more connections than Java's clients open.
import { CreateTopics, Fetch, Heartbeat, JoinGroup, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Consumer } from './consumer/consumer.ts';
import type { KafkaEvent, RebalanceEvent } from './events.ts';
import { createClient, type Kafka } from './kafka.ts';
import { Loop, quiet, timed } from './testing/loop.ts';

let broker: TestBroker;
let kafka: Kafka;
let rebalances: RebalanceEvent[];
let opened: string[];

beforeEach(async () => {
  rebalances = [];
  opened = [];
  const onEvent = (event: KafkaEvent): void => {
    if (event.type === 'rebalance') rebalances.push(event);
    if (event.type === 'connection' && event.state === 'ready') opened.push(event.broker);
  };
  broker = await TestBroker.start({ topics: { busy: 4, idle: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, logger: quiet, onEvent });
});

afterEach(async () => {
  await kafka.close();
  await broker.close();
});

const member = (groupId: string): Consumer =>
  kafka.consumer({ groupId, topics: ['busy'], startAt: 'earliest', sessionTimeoutMs: 3_000, heartbeatIntervalMs: 50 });

describe('two members of one group in one client', () => {
  it('share the partitions at once, stay members, and give back what they had when they close', async () => {
    const [one, two] = [member('g'), member('g')];
    const loops = [new Loop(one), new Loop(two)];
    while (one.assignment().length !== 2 || two.assignment().length !== 2) {
      await Promise.all([one.whenAssigned(), two.whenAssigned()]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const partition of [0, 1, 2, 3]) broker.append('busy', [{ value: `${partition}` }], partition);
    await Promise.all(loops.map((loop) => loop.saw(2)));
    expect(loops.flatMap(({ texts }) => texts).sort()).toEqual(['0', '1', '2', '3']);
    expect(rebalances.filter(({ phase }) => phase === 'lost')).toEqual([]);
    await Promise.all([one.close(), two.close()]);
    expect(broker.group('g')?.memberIds ?? []).toEqual([]);
  });
});

describe('a client', () => {
  it('a group that waits in JoinGroup does not keep another group from its heartbeats', async () => {
    const steady = member('steady');
    await steady.whenAssigned();
    broker.on(JoinGroup, 'swallow', { always: true, when: ({ groupId }) => groupId === 'stuck' });
    const stuck = member('stuck');
    const waiting = stuck.whenAssigned({ timeoutMs: 400 }).catch(() => undefined);
    let beats = 0;
    const count = (): 'pass' => {
      beats++;
      return 'pass';
    };
    broker.on(Heartbeat, count, { always: true, when: ({ groupId }) => groupId === 'steady' });
    await waiting;
    expect(beats).toBeGreaterThan(3);
    expect(rebalances.filter(({ groupId, phase }) => groupId === 'steady' && phase === 'lost')).toEqual([]);
    await stuck.close({ timeoutMs: 100 });
  });

  it("an idle consumer's long poll does not slow a busy one down", async () => {
    const idle = new Loop(kafka.consumer({ topics: ['idle'], maxWaitMs: 5_000 }));
    const busy = kafka.consumer({ assign: [{ topic: 'busy', partition: 0, offset: 'earliest' }] });
    await busy.whenAssigned();
    const loop = new Loop(busy);
    const took: number[] = [];
    for (let i = 1; i <= 20; i++) {
      const startedAt = performance.now();
      broker.append('busy', [{ value: String(i) }]);
      await loop.saw(i);
      took.push(performance.now() - startedAt);
    }
    expect(took.sort((a, b) => a - b)[10]).toBeLessThan(30);
    expect(idle.failure).toBeUndefined();
  });

  it('metadata, admin calls and other producers wait behind no held Produce and no held admin call', async () => {
    const slow = kafka.producer();
    await slow.send({ topic: 'idle', value: 'warm' });
    const held = new Promise((resolve) => setTimeout(resolve, 3_000));
    broker.on(Produce, { holdUntil: held });
    broker.on(CreateTopics, { holdUntil: held });
    const waiting = [slow.send({ topic: 'idle', value: 'held' }), kafka.admin().createTopics([{ topic: 'new' }])];
    const quick = [
      timed(kafka.producer().send({ topic: 'busy', value: 'x' })),
      timed(kafka.connect()),
      timed(kafka.consumer({ topics: ['busy'], startAt: 'earliest' }).whenAssigned()),
    ];
    for (const { ms, error } of await Promise.all(quick)) {
      expect(error).toBeUndefined();
      expect(ms).toBeLessThan(1_000);
    }
    await Promise.all(waiting);
  });

  it('opens no more connections than the same number of Java clients: each has a bootstrap one, one to each leader, and one to its coordinator', async () => {
    await using three = await TestBroker.start({ brokers: 3, topics: { t: 6 } });
    let count = 0;
    const client = createClient({
      brokers: three.bootstrap,
      logger: quiet,
      onEvent: (event) => {
        if (event.type === 'connection' && event.state === 'ready') count++;
      },
    });
    const consumers = ['g', 'g', 'h'].map((groupId) =>
      client.consumer({ groupId, topics: ['t'], startAt: 'earliest', heartbeatIntervalMs: 50 }),
    );
    const loops = consumers.map((consumer) => new Loop(consumer));
    const producers = [client.producer(), client.producer()];
    for (const producer of producers) {
      for (let partition = 0; partition < 6; partition++) await producer.send({ topic: 't', partition, value: 'x' });
    }
    await client.admin().listTopics();
    while (loops.slice(0, 2).reduce((sum, { texts }) => sum + texts.length, 0) < 12) await loops[0]?.saw(1);
    await loops[2]?.saw(12);
    const javaConsumer = 1 + 3 + 1;
    const javaProducer = 1 + 3;
    const javaAdmin = 2;
    expect(count).toBeLessThanOrEqual(3 * javaConsumer + 2 * javaProducer + javaAdmin);
    await client.close();
  });

  it('forgets what was closed', async () => {
    const closed = new WeakRef(kafka.producer());
    await closed.deref()?.close();
    const consumer = kafka.consumer({ groupId: 'g', topics: ['busy'] });
    await consumer.close();
    await expect(consumer.whenAssigned()).rejects.toMatchObject({ code: 'CLOSED' });
    const before = opened.length;
    await kafka.close();
    expect(opened.length).toBe(before);
  });
});

describe('a fetch', () => {
  it('that is too large for maxFrameBytes is an error that says which option to raise, and is not asked for again', async () => {
    broker.append('idle', [{ value: Buffer.alloc(400_000) }]);
    let fetches = 0;
    const count = (): 'pass' => {
      fetches++;
      return 'pass';
    };
    broker.on(Fetch, count, { always: true });
    await using client = createClient({ brokers: broker.bootstrap, maxFrameBytes: 100_000, logger: quiet });
    const loop = new Loop(client.consumer({ topics: ['idle'], startAt: 'earliest', until: 'end' }));
    await loop.ended;
    expect(loop.failure).toMatchObject({ code: 'FRAME_TOO_LARGE' });
    expect(loop.failure?.message).toContain('maxFrameBytes');
    expect(fetches).toBeLessThan(4);
  });
});
