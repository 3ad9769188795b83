// No broker can be reached: whoever waits is told why.
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { ApiVersions, Fetch, FindCoordinator, Heartbeat, Metadata, OffsetCommit } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { freePorts } from '@hopwire/test-broker/harness';
import { describe, expect, it, vi } from 'vitest';
import { createClient } from '../kafka.ts';
import type { ConsumerOptions } from '../options.ts';
import { Loop, quiet } from '../testing/loop.ts';

const t = { topic: 't', partition: 0 } as const;
const readers: readonly ConsumerOptions[] = [
  { assign: [{ ...t, offset: 'earliest' }] },
  { groupId: 'g', topics: ['t'] },
];

it.each(readers)('a wait for partitions says what is in the way (%j)', async (options) => {
  const [port] = await freePorts(1);
  await using kafka = createClient({ brokers: `127.0.0.1:${port}`, logger: quiet });
  const waiting = kafka.consumer(options).whenAssigned({ timeoutMs: 300 });
  await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT', message: /connection refused/ });
});

describe.each(readers)('a consumer that starts while Kafka is down (%j)', (options) => {
  it('reads when Kafka is there, as one that lost it', async () => {
    const [port = 0] = await freePorts(1);
    const lines: string[] = [];
    const logger = { ...quiet, warn: (line: string) => void lines.push(line) };
    let failures = 0;
    await using kafka = createClient({
      brokers: `127.0.0.1:${port}`,
      logger,
      connectTimeoutMs: 50,
      retryBackoffMs: 10,
      onEvent: (event) => {
        if (event.type === 'metadata' && event.error) failures++;
      },
    });
    const loop = new Loop(kafka.consumer({ ...options, startAt: 'earliest' }));
    // The first call of a client gives up after connectTimeoutMs and half a second: it was made three times.
    const begin = performance.now();
    await vi.waitFor(() => expect(performance.now() - begin > 1_500 && failures > 3).toBe(true), 10_000);
    expect(loop.failure).toBeUndefined();
    expect(lines).toEqual([expect.stringMatching(/^no connection to 127.0.0.1:\d+: .*connection refused/)]);
    await using broker = await TestBroker.start({ port, topics: { t: 1 } });
    broker.append('t', [{ value: 'a' }]);
    expect(await loop.saw(1)).toEqual(['a']);
    await kafka.close();
  });

  it('ends when it may wait no longer, too, where somebody takes the connection and says nothing', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await using kafka = createClient({ brokers: `127.0.0.1:${port}`, logger: quiet });
    const begin = performance.now();
    const loop = new Loop(kafka.consumer({ ...options, unreachableTimeoutMs: 500 }));
    await loop.ended;
    expect(loop.failure).toMatchObject({ code: 'TIMEOUT', message: /unreachableTimeoutMs/ });
    expect(performance.now() - begin).toBeLessThan(2_000);
    await kafka.close({ timeoutMs: 100 });
    server.close();
  });

  it('ends when it may wait no longer, too, where a broker falls silent later, and not while it is only idle', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 } });
    await using kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
    const loop = new Loop(
      kafka.consumer({ ...options, startAt: 'earliest', unreachableTimeoutMs: 1_500, maxWaitMs: 300 }),
    );
    broker.append('t', [{ value: 'a' }]);
    await loop.saw(1);
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    broker.append('t', [{ value: 'b' }]);
    await loop.saw(2);
    const begin = performance.now();
    const always = { always: true };
    broker.on(Fetch, 'swallow', always);
    broker.on(Metadata, 'swallow', always);
    broker.on(Heartbeat, 'swallow', always);
    broker.on(OffsetCommit, 'swallow', always);
    broker.on(FindCoordinator, 'swallow', always);
    broker.on(ApiVersions, 'swallow', always);
    await loop.ended;
    expect(loop.failure).toMatchObject({ code: 'TIMEOUT', message: /unreachableTimeoutMs/ });
    expect(performance.now() - begin).toBeLessThan(6_000);
    broker.off();
    await kafka.close({ timeoutMs: 100 });
  });

  it('ends with the reason when it may wait no longer', async () => {
    const [port = 0] = await freePorts(1);
    await using kafka = createClient({ brokers: `127.0.0.1:${port}`, logger: quiet });
    const loop = new Loop(kafka.consumer({ ...options, unreachableTimeoutMs: 200 }));
    await loop.ended;
    expect(loop.failure).toMatchObject({ code: 'CONNECTION', message: /connection refused/ });
  });
});
