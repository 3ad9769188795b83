// The environment decides where interop tests run, and what they skip there.
import { describe, expect, it } from 'vitest';
import { because, placesFor } from './places.ts';
import { KAFKA_VERSIONS } from './releases.ts';
import { startTarget } from './select.ts';
import { TargetError } from './target.ts';

const BOOTSTRAP = '127.0.0.1:19092';
const external = { HOP_TEST_BROKER: 'external', HOP_TEST_BOOTSTRAP: BOOTSTRAP };

describe('HOP_TEST_BROKER', () => {
  it.each([
    ['external', external],
    ['auto with an address', { HOP_TEST_BOOTSTRAP: BOOTSTRAP }],
  ])('%s is the one broker that is named, whatever releases a test is for', async (_, env) => {
    const places = await placesFor(KAFKA_VERSIONS, env);
    expect(places.map(({ kind, name, reason }) => [kind, name, reason])).toEqual([
      ['external', `the broker at ${BOOTSTRAP}`, null],
    ]);
  });

  it('external without an address is an error, not another broker', async () => {
    await expect(placesFor(KAFKA_VERSIONS, { HOP_TEST_BROKER: 'external' })).rejects.toThrow(TargetError);
    await expect(startTarget({}, { HOP_TEST_BROKER: 'external' })).rejects.toThrow('HOP_TEST_BOOTSTRAP=host:port');
  });

  it('embedded is the embedded one', async () => {
    const [place, ...others] = await placesFor(KAFKA_VERSIONS, { HOP_TEST_BROKER: 'embedded' });
    expect([place.kind, place.lacks('saslTls', 'restart'), others]).toEqual(['embedded', null, []]);
  });

  it('jvm is every release that a test is for, with the reason when they cannot be had', async () => {
    const places = await placesFor(['4.3.1', '3.9.2'], { HOP_TEST_BROKER: 'jvm' });
    expect(places.map(({ name }) => name)).toEqual(['Kafka 4.3.1', 'Kafka 3.9.2']);
  });

  it('anything else is refused, with what there is', async () => {
    await expect(placesFor(['4.3.1'], { HOP_TEST_BROKER: 'redpanda' })).rejects.toThrow(
      'HOP_TEST_BROKER=redpanda: choose auto, embedded, jvm, docker or external',
    );
  });
});

describe('an external broker', () => {
  it('offers the listener that its variables describe, and no other', async () => {
    const listeners = ['plaintext', 'tls', 'mtls', 'saslPlaintext', 'saslTls'] as const;
    const offered = async (env: NodeJS.ProcessEnv): Promise<string[]> => {
      const [place] = await placesFor(KAFKA_VERSIONS, { ...external, ...env });
      return listeners.filter((listener) => place.lacks(listener) === null);
    };
    expect(await offered({})).toEqual(['plaintext']);
    expect(await offered({ HOP_TEST_CA: 'ca.pem' })).toEqual(['tls']);
    expect(await offered({ HOP_TEST_SASL: 'PLAIN:u:p' })).toEqual(['saslPlaintext']);
    expect(await offered({ HOP_TEST_SASL: 'PLAIN:u:p', HOP_TEST_CA: 'ca.pem' })).toEqual(['saslTls']);
  });

  it('is not stopped by tests, which say so', async () => {
    const [place] = await placesFor(KAFKA_VERSIONS, external);
    expect(because(place.lacks('plaintext', 'restart'))).toBe(
      ` [skipped: the broker at ${BOOTSTRAP} is not ours to stop: this needs one that the tests start]`,
    );
  });

  it('has what HOP_TEST_CAPS says beyond that', async () => {
    const [silent] = await placesFor(KAFKA_VERSIONS, external);
    expect(silent.lacks('messageSets')).toMatch(/HOP_TEST_CAPS does not say/);
    const [told] = await placesFor(KAFKA_VERSIONS, { ...external, HOP_TEST_CAPS: 'acl, messageSets' });
    expect(told.lacks('acl', 'messageSets')).toBeNull();
  });

  it('is no release of Kafka that a test could be about', async () => {
    const [place] = await placesFor(KAFKA_VERSIONS, external);
    expect(place.lacks('release')).toMatch(/may be any/);
  });
});
