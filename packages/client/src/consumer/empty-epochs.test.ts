// Leaders that come and go without a record leave no epoch behind: a position that names one is still good.
import { Fetch } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { createClient } from '../kafka.ts';
import { Loop, quiet } from '../testing/loop.ts';

describe('a position of an epoch in which nothing was written', () => {
  it.each(['latest', 'committed'] as const)('is read on from, without a storm of requests (%s)', async (offset) => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { t: 1 } });
    broker.append('t', [{ value: 'old' }]);
    broker.moveLeader('t', 0, 2);
    await using kafka = createClient({ brokers: broker.addresses(), retryBackoffMs: 10, logger: quiet });
    const assign = [{ topic: 't', partition: 0, offset }];
    const consumer = kafka.consumer({ groupId: 'g', startAt: 'latest', assign, maxWaitMs: 100 });
    const loop = new Loop(consumer);
    await consumer.whenAssigned();
    await consumer.commit();
    broker.moveLeader('t', 0, 1);
    let fetches = 0;
    broker.on(Fetch, 'pass', { always: true, when: () => ++fetches < 0 });
    await expect.poll(() => fetches, { timeout: 5_000 }).toBeGreaterThan(2);
    broker.append('t', [{ value: 'new' }]);
    expect(await loop.saw(1)).toEqual(['new']);
    expect(fetches).toBeLessThan(20);
    await kafka.close({ timeoutMs: 500 });
  });
});
