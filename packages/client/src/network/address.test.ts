import { Metadata } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { createClient } from '../kafka.ts';
import { addressProblem, addressText, bareHost } from './address.ts';

const ODD: [string, string, number, RegExp][] = [
  ['no host', '', 9092, /^"":9092: .*the host is empty/],
  ['a blank', ' ', 9092, /the host has blanks/],
  ['blanks in the host', 'my broker', 9092, /the host has blanks/],
  ['a line break', 'a\nERROR all is lost', 9092, /^"a\\nERROR all is lost":9092: .*control characters/],
  ['a zero', 'a\u0000b', 9092, /control characters/],
  ['what turns text around', '\u202egro', 9092, /control characters/],
  [
    '30,000 letters, as many as a text of Kafka may have',
    'a'.repeat(30_000),
    9092,
    /^a{60}\.\.\. \(30000 letters\):9092: .*is none/,
  ],
  ['a port in the host', 'localhost:9092', 9092, /has a colon in it/],
  ['a URL', 'http://localhost', 9092, /characters in it that belong to no name/],
  ['port 0', 'localhost', 0, /^localhost:0: .*the port 0 is not from 1 to 65535/],
  ['port -1', 'localhost', -1, /the port -1/],
  ['port 65536', 'localhost', 65_536, /the port 65536/],
];

describe('an address', () => {
  it.each(['localhost', 'kafka-1.example.org', 'under_score', '127.0.0.1', '::1', 'fe80::1%eth0', 'bücher.example'])(
    'may be %s',
    (host) => {
      expect(addressProblem({ host, port: 9092 })).toBe(null);
    },
  );

  it('of IPv6 stands in brackets in texts, whether it came with them or not', () => {
    expect(addressText('::1', 9092)).toBe('[::1]:9092');
    expect(addressText(bareHost('[::1]'), 9092)).toBe('[::1]:9092');
  });
});

it.each(ODD)(
  'a broker that is advertised with %s is refused by name, and the others go on',
  async (_what, host, port, said) => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { orders: 2 } });
    broker.moveLeader('orders', 0, broker.leaderOf('orders', 1));
    // Their ids are 1 and 2.
    const bad = 3 - broker.leaderOf('orders', 1);
    broker.on(
      Metadata,
      {
        change: (answer) => ({
          ...answer,
          brokers: answer.brokers.map((one) => (one.nodeId === bad ? { ...one, host, port } : one)),
        }),
      },
      { always: true },
    );
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    const logger = { debug: say, info: say, warn: say, error: say };
    await using kafka = createClient({ brokers: broker.bootstrap, logger });
    await kafka.producer().send({ topic: 'orders', partition: 0, value: 'v' });
    const asked = kafka.request(Metadata, ALL, { broker: bad, timeoutMs: 2_000 });
    await expect(asked).rejects.toMatchObject({ code: 'CONNECTION' });
    await expect(asked).rejects.toThrow(said);
    expect(lines.filter((line) => line.startsWith('no connection to'))).toEqual([
      expect.stringMatching(/the cluster advertises this address/),
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(1_000);
  },
);

const ALL = {
  topics: null,
  allowAutoTopicCreation: false,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};
