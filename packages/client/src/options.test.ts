// What options are when nobody sets them, and which values are refused.
import { describe, expect, it } from 'vitest';
import { type KafkaOptions, resolveConsumerOptions, resolveKafkaOptions, resolveProducerOptions } from './options.ts';

describe('options of the client', () => {
  it('have the documented defaults', () => {
    expect(resolveKafkaOptions({ brokers: 'kafka' })).toMatchObject({
      brokers: [{ host: 'kafka', port: 9092 }],
      clientId: 'hopwire',
      tls: undefined,
      connectTimeoutMs: 10_000,
      requestTimeoutMs: 30_000,
      retryBackoffMs: 100,
      retryBackoffMaxMs: 1_000,
      metadataMaxAgeMs: 300_000,
      idleConnectionMs: 540_000,
      maxFrameBytes: 128 * 1024 * 1024,
      allowAutoTopicCreation: false,
    });
  });

  it.each([
    [
      'a:1,b:2',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    ],
    [
      ['a:1', 'b'],
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 9092 },
      ],
    ],
    ['[::1]:9094', [{ host: '::1', port: 9094 }]],
  ])('take the brokers %j', (brokers, expected) => {
    expect(resolveKafkaOptions({ brokers }).brokers).toEqual(expected);
  });

  it.each(['', 'a:0', 'a:70000', 'a:b', 'kafka://a:1', '::1:9092', 'user@a:1'])('refuse the broker %j', (brokers) => {
    expect(() => resolveKafkaOptions({ brokers })).toThrow(/brokers/);
  });

  it('refuse names that do not exist, and say which do', () => {
    const mistyped = { brokers: 'a', requestTimeout: 1 } as KafkaOptions;
    expect(() => resolveKafkaOptions(mistyped)).toThrow(
      /no option requestTimeout \(did you mean requestTimeoutMs\?\); known are .*requestTimeoutMs/,
    );
  });

  it.each([
    { connectTimeoutMs: 0 },
    { requestTimeoutMs: -1 },
    { requestTimeoutMs: 1.5 },
    { idleConnectionMs: 2 ** 31 },
    { clientId: '' },
    { tls: 'yes' },
    { sasl: { username: 'a' } },
    { onEvent: 1 },
  ])('refuse %j', (bad) => {
    expect(() => resolveKafkaOptions({ brokers: 'a', ...bad } as KafkaOptions)).toThrow(Object.keys(bad)[0]);
  });
});

describe('options of a producer', () => {
  it('have idempotence on with acks all, and off otherwise', () => {
    expect(resolveProducerOptions({})).toMatchObject({ acks: 'all', idempotence: true, maxInFlight: 5, lingerMs: 5 });
    expect(resolveProducerOptions({ acks: 'leader' }).idempotence).toBe(false);
    expect(() => resolveProducerOptions({ acks: 'none', idempotence: true })).toThrow(/idempotence needs acks 'all'/);
    expect(() => resolveProducerOptions({ maxInFlight: 6 })).toThrow(RangeError);
  });
});

describe('options of a consumer', () => {
  it('have the documented defaults', () => {
    expect(resolveConsumerOptions({ topics: ['a'] })).toMatchObject({
      startAt: 'latest',
      isolation: 'read_committed',
      commit: 'auto',
      commitIntervalMs: 5_000,
      maxWaitMs: 500,
      sessionTimeoutMs: 45_000,
      limit: Infinity,
    });
  });

  it('refuse topics and assign at once, and what is no topic', () => {
    const assign = [{ topic: 'a', partition: 0, offset: 0n }];
    expect(() => resolveConsumerOptions({ topics: ['a'], assign })).toThrow(/either topics or assign/);
    expect(() => resolveConsumerOptions({ topics: [''] })).toThrow(/topics\[0\] "" cannot exist: the name is empty/);
  });
});
