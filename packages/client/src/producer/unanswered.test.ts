// With acks none a broker says nothing, and one that does not lead hangs up: that is news of the leader.
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { quiet } from '../testing/loop.ts';
import type { Producer } from './producer.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ brokers: 2, topics: { t: 1 } });
  kafka = createClient({ brokers: broker.addresses(), logger: quiet, retryBackoffMs: 10 });
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 500 });
  await broker.close();
});

/** Writes one record after the other until one is in the log. @returns how many were lost before it */
async function lostBefore(producer: Producer): Promise<number> {
  const before = broker.offsets('t', 0).end;
  for (let sent = 1; sent < 500; sent++) {
    await producer.send({ topic: 't', value: `${sent}` });
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (broker.offsets('t', 0).end > before) return sent - 1;
  }
  throw new Error('all of them were lost');
}

describe('with acks none', () => {
  it.each([
    ['the leader moved', () => broker.moveLeader('t', 0, 2)],
    ['the topic was made anew', () => broker.recreateTopic('t')],
  ] as const)('hardly a record is lost after %s', async (_what, happens) => {
    broker.moveLeader('t', 0, 1);
    const producer = kafka.producer({ acks: 'none', lingerMs: 0 });
    expect(await lostBefore(producer)).toBe(0);
    happens();
    expect(await lostBefore(producer)).toBeLessThan(20);
    expect(await lostBefore(producer)).toBe(0);
  });
});
