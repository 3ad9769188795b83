// What callers give is checked and copied at the call, and what they commit by hand stands.
import { OffsetCommit } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { gate, Loop, quiet, timed } from '../testing/loop.ts';
import type { PartitionStart } from '../types.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
  broker.append(
    't',
    [0, 1, 2, 3, 4].map((i) => ({ value: `${i}` })),
  );
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 100 });
  await broker.close();
});

const first = { topic: 't', partition: 0 };

describe('an offset that is committed by hand', () => {
  it('is what it was at the call, whatever the caller does with its object then', async () => {
    const { opened: holdUntil, open } = gate();
    const consumer = kafka.consumer({ groupId: 'g', assign: [{ ...first, offset: 'earliest' }] });
    await consumer.commit([{ ...first, offset: 1n }]);
    broker.on(OffsetCommit, { holdUntil });
    const held = consumer.commit([{ ...first, offset: 2n }]);
    const mine = { ...first, offset: 3n };
    const committed = consumer.commit([mine]);
    mine.offset = 90n;
    open();
    await Promise.all([held, committed]);
    expect(broker.committed('g', 't', 0)).toBe(3n);
  });

  it.each([0n, 'earliest', 'latest', 'committed'] as const)(
    'stands when nothing was read since, also at close (from %s)',
    async (offset) => {
      const consumer = kafka.consumer({ groupId: 'g', assign: [{ ...first, offset }] });
      await consumer.whenAssigned();
      await consumer.commit([{ ...first, offset: 3n }]);
      await consumer.close();
      expect(broker.committed('g', 't', 0)).toBe(3n);
    },
  );

  it('gives way to what is done after it', async () => {
    const consumer = kafka.consumer({ groupId: 'g', assign: [{ ...first, offset: 'earliest' }], limit: 2 });
    await consumer.whenAssigned();
    await consumer.commit([{ ...first, offset: 4n }]);
    for await (const record of consumer) expect(record.partition).toBe(0);
    await consumer.close();
    expect(broker.committed('g', 't', 0)).toBe(2n);
  });
});

describe("until: 'end'", () => {
  it.each(['earliest', 'nearest', 'latest'] as const)(
    'a position beyond the end of the log is reset as with any other loop (%s)',
    async (onOutOfRange) => {
      const assign: PartitionStart[] = [{ ...first, offset: 5_000n }];
      const consumer = kafka.consumer({ assign, until: 'end', onOutOfRange });
      const loop = new Loop(consumer);
      await loop.ended;
      expect([loop.failure, loop.texts.length]).toEqual([null, onOutOfRange === 'earliest' ? 5 : 0]);
      expect(consumer.position(first)).toBe(5n);
    },
  );

  it('and ends the loop with its error where it is not to be reset', async () => {
    const assign: PartitionStart[] = [{ ...first, offset: 5_000n }];
    const loop = new Loop(kafka.consumer({ assign, until: 'end', onOutOfRange: 'none' }));
    await loop.ended;
    expect(loop.failure).toMatchObject({ name: 'OffsetOutOfRangeError' });
  });
});

describe('assign', () => {
  it('ends with its signal, also while what was read before is being committed', async () => {
    const consumer = kafka.consumer({ groupId: 'g', assign: [{ ...first, offset: 'earliest' }] });
    const loop = new Loop(consumer, () => new Promise(() => undefined));
    await loop.saw(1);
    consumer.markDone({ ...first, offset: 0n } as never);
    broker.on(OffsetCommit, 'swallow', { always: true });
    const stop = new AbortController();
    const assigned = timed(consumer.assign([{ ...first, offset: 2n }], { signal: stop.signal }));
    stop.abort(new RangeError('mine'));
    const { ms, error } = await assigned;
    expect(ms).toBeLessThan(200);
    expect(error).toBe(stop.signal.reason);
    const { error: late } = await timed(consumer.assign([{ ...first, offset: 2n }], { timeoutMs: 200 }));
    expect(String(late)).toMatch(/consumer\.assign: not done after 200 ms/);
  });

  it('refuses a partition that is named twice', async () => {
    const twice: PartitionStart[] = [
      { ...first, offset: 1n },
      { ...first, offset: 2n },
    ];
    await expect(kafka.consumer({}).assign(twice)).rejects.toThrow('assign[1]: t[0] is named twice');
  });
});

describe('a limit that cannot be one', () => {
  const wrong = [Number.NaN, '500', 5n];
  const bad = wrong.map((timeoutMs) => ({ timeoutMs })) as never[];

  it('is refused by every call that waits, before anything is done', async () => {
    const consumer = kafka.consumer({ groupId: 'g', topics: ['t'] });
    const admin = kafka.admin();
    const calls: ((options: never) => Promise<unknown>)[] = [
      (o) => kafka.connect(o),
      (o) => consumer.whenAssigned(o),
      (o) => consumer.subscribe(['t'], o),
      (o) => consumer.commit([], o),
      (o) => consumer.committed([], o),
      (o) => consumer.close(o),
      (o) => admin.listTopics(o),
      (o) => admin.createTopics([{ topic: 'n' }], o),
      (o) => admin.deleteTopics(['t'], o),
      (o) => admin.describeTopics(['t'], o),
      (o) => admin.listOffsets([], o),
      (o) => kafka.close(o),
    ];
    for (const call of calls)
      for (const options of bad) await expect(call(options)).rejects.toThrow(/timeoutMs must be/);
    await consumer.whenAssigned();
    expect(broker.topicNames()).toEqual(['t']);
  });

  it('does not keep a client from being closed', async () => {
    await kafka.connect();
    await expect(kafka.close({ signal: 'x' } as never)).rejects.toThrow(/signal must be/);
    await kafka.close();
  });
});
