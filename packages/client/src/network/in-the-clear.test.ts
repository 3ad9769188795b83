import { describe, expect, it } from 'vitest';
import { plain, scramSha256 } from '../index.ts';
import { resolveKafkaOptions } from '../options.ts';
import { warnOfPassword } from './in-the-clear.ts';

const credentials = { username: 'alice', password: 'xyzzy' };
const sasl = plain(credentials);
const refuse = (): never => {
  throw new Error('not dialled here');
};

/** What is said about a login to each of the hosts. */
function warnings(hosts: readonly string[], options: object): string[] {
  const said: string[] = [];
  const logger = { debug: refuse, info: refuse, error: refuse, warn: (text: string) => void said.push(text) };
  const login = resolveKafkaOptions({ brokers: 'h', logger, ...options });
  for (const host of hosts) warnOfPassword(login, host, `${host}:9092`);
  return said;
}

describe('PLAIN without TLS', () => {
  it('is warned of once for each client, with the broker and the remedies', () => {
    const one = /^a\.example:9092: PLAIN without TLS .*set tls, or use SCRAM$/;
    for (let client = 0; client < 2; client++) {
      expect(warnings(['a.example', 'b.example', 'a.example'], { sasl })).toEqual([expect.stringMatching(one)]);
    }
  });

  it.each(['localhost', 'LOCALHOST', 'kafka.localhost', '127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1'])(
    'is nothing to warn of on the loopback: %s',
    (host) => expect(warnings([host], { sasl })).toEqual([]),
  );

  it.each(['localhost.example', 'mylocalhost', '127.0.0.1.example', '128.0.0.1', '::2', '10.0.0.1'])(
    'is warned of where a name only looks like the loopback: %s',
    (host) => expect(warnings([host], { sasl })).toHaveLength(1),
  );

  it.each([
    ['TLS', { sasl, tls: true }],
    ['SCRAM', { sasl: scramSha256(credentials) }],
    ['no login', {}],
    ["a dialer of the user's", { sasl, openSocket: refuse }],
  ])('is not what is used with %s', (_, options) => {
    expect(warnings(['a.example'], options)).toEqual([]);
  });
});
