// The client against real Kafka: every listener, every kind of value, and the mistakes people make.
import { because, KAFKA_VERSIONS, type Listener, placesFor, users } from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Kafka, plain, type SaslMechanism, scramSha256, scramSha512 } from '../index.ts';
import { Scratch } from '../testing/scratch.ts';

const admin = { username: 'admin', password: users.admin };

const logins: [string, Listener, SaslMechanism | undefined][] = [
  ['PLAINTEXT', 'plaintext', undefined],
  ['TLS', 'tls', undefined],
  ['TLS with a client certificate', 'mtls', undefined],
  ['SASL_PLAINTEXT with PLAIN', 'saslPlaintext', plain(admin)],
  ['SASL_PLAINTEXT with SCRAM-SHA-256', 'saslPlaintext', scramSha256(admin)],
  ['SASL_SSL with SCRAM-SHA-512', 'saslTls', scramSha512(admin)],
  ['SASL_SSL with PLAIN', 'saslTls', plain(admin)],
];

async function readAll(
  kafka: Kafka,
  topic: string,
): Promise<{ key: Buffer | null; value: Buffer | null; headers: unknown }[]> {
  await using consumer = kafka.consumer({ topics: [topic], startAt: 'earliest', until: 'end' });
  const records: { key: Buffer | null; value: Buffer | null; headers: unknown }[] = [];
  for await (const { key, value, headers } of consumer) records.push({ key, value, headers });
  return records;
}

for (const place of await placesFor(KAFKA_VERSIONS)) {
  describe(place.name, () => {
    const skipped = because(place.reason);
    let scratch: Scratch;
    beforeAll(async () => {
      if (!place.reason) scratch = new Scratch(await place.start());
    });
    afterAll(() => scratch?.[Symbol.asyncDispose]());

    for (const [name, listener, login] of logins) {
      // An external broker has its own users.
      const isExternal = place.kind === 'external';
      const lack = place.lacks(listener);
      it.skipIf(lack)(`what is produced over ${name} is consumed again${because(lack)}`, async () => {
        const topic = await scratch.topic(`login-${name.replace(/\W+/g, '-')}`);
        await using kafka = scratch.client(scratch.options(listener, isExternal ? undefined : login));
        await using producer = kafka.producer();
        const { offset } = await producer.send({ topic, key: 'k', value: name });
        expect(offset).toBe(0n);
        const [record] = await readAll(kafka, topic);
        expect(record?.value?.toString()).toBe(name);
      });
    }

    it.skipIf(place.reason)(
      `keys, repeated, empty and binary headers, null and empty values, and 1,000,000 bytes arrive intact${skipped}`,
      async () => {
        const topic = await scratch.topic('values');
        await using kafka = scratch.client();
        await using producer = kafka.producer();
        const binary = Buffer.from('00fffe8041', 'hex');
        const large = Buffer.alloc(1_000_000, 'hopwire ');
        await producer.send({
          topic,
          key: binary,
          value: binary,
          headers: [
            ['a', '1'],
            ['a', binary],
            ['', ''],
            ['none', null],
          ],
        });
        await producer.send({ topic, key: null, value: null });
        await producer.send({ topic, key: '', value: '' });
        await producer.send({ topic, key: 'large', value: large });
        const records = await readAll(kafka, topic);
        expect(records.map(({ key, value }) => [key, value?.length ?? null])).toEqual([
          [binary, 5],
          [null, null],
          [Buffer.alloc(0), 0],
          [Buffer.from('large'), 1_000_000],
        ]);
        expect(records[0]?.value).toEqual(binary);
        expect(records[3]?.value?.equals(large)).toBe(true);
        expect(records[0]?.headers).toEqual([
          ['a', Buffer.from('1')],
          ['a', binary],
          ['', Buffer.alloc(0)],
          ['none', null],
        ]);
      },
    );

    const noLogin = place.lacks('saslTls');
    it.skipIf(noLogin)(
      `a wrong password is an AuthenticationError with the text of the broker${because(noLogin)}`,
      async () => {
        const wrong = scramSha512({ username: 'alice', password: 'wrong' });
        await using kafka = scratch.client(scratch.options('saslTls', wrong));
        await expect(kafka.connect()).rejects.toMatchObject({
          name: 'AuthenticationError',
          message: expect.stringContaining('SCRAM-SHA-512'),
        });
      },
    );

    const noMtls = place.lacks('mtls');
    it.skipIf(noMtls)(
      `a client without a certificate is refused by the listener that asks for one${because(noMtls)}`,
      async () => {
        const { target } = scratch;
        const tls = { ca: target.certificates?.ca ?? '' };
        await using kafka = scratch.client({ brokers: [target.bootstrap('mtls')], tls, connectTimeoutMs: 3000 });
        await expect(kafka.connect()).rejects.toMatchObject({ message: expect.stringMatching(/certificate/i) });
      },
    );

    const noTls = place.lacks('tls');
    it.skipIf(noTls)(`plaintext against a TLS port is named as such${because(noTls)}`, async () => {
      await using kafka = scratch.client({ brokers: [scratch.target.bootstrap('tls')], connectTimeoutMs: 3000 });
      await expect(kafka.connect({ timeoutMs: 10_000 })).rejects.toMatchObject({
        message: expect.stringMatching(/speaks TLS/),
      });
    });

    const noPlaintext = place.lacks('plaintext');
    it.skipIf(noPlaintext)(`TLS against a plaintext port is named as such${because(noPlaintext)}`, async () => {
      const brokers = [scratch.target.bootstrap('plaintext')];
      await using kafka = scratch.client({ brokers, tls: true, connectTimeoutMs: 3000 });
      await expect(kafka.connect({ timeoutMs: 10_000 })).rejects.toMatchObject({
        message: expect.stringMatching(/does not speak TLS/),
      });
    });

    const noRights = place.lacks('acl', 'saslPlaintext');
    it.skipIf(noRights)(
      `a topic that the user may not write is an authorisation failure${because(noRights)}`,
      async () => {
        const topic = await scratch.topic('forbidden');
        const alice = plain({ username: 'alice', password: users.alice });
        await using kafka = scratch.client(scratch.options('saslPlaintext', alice));
        await using producer = kafka.producer();
        await expect(producer.send({ topic, value: 'x' })).rejects.toMatchObject({
          message: expect.stringMatching(/TOPIC_AUTHORIZATION_FAILED|not authori[sz]ed/i),
        });
      },
    );
  });
}
