// The client against real Kafka: every listener, every kind of value, and the mistakes people make.
import { KAFKA_VERSIONS, type Listener, missing, startTarget, type Target, users } from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createClient,
  type Kafka,
  type KafkaOptions,
  plain,
  type SaslMechanism,
  scramSha256,
  scramSha512,
} from '../index.ts';

const noJvm = await missing('jvm');
const because = noJvm ? ` [skipped: ${noJvm}]` : '';
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

function tlsOf(target: Target, listener: Listener): KafkaOptions['tls'] {
  const { certificates } = target;
  if (!certificates || listener === 'plaintext' || listener === 'saslPlaintext') return false;
  const { ca, clientCert: cert, clientKey: key } = certificates;
  return listener === 'mtls' ? { ca, cert, key } : { ca };
}

function connect(target: Target, listener: Listener, sasl?: SaslMechanism): Kafka {
  const tls = tlsOf(target, listener);
  return createClient({
    brokers: [target.bootstrap(listener)],
    tls,
    ...(sasl ? { sasl } : {}),
    allowAutoTopicCreation: true,
  });
}

async function readAll(
  kafka: Kafka,
  topic: string,
): Promise<{ key: Buffer | null; value: Buffer | null; headers: unknown }[]> {
  await using consumer = kafka.consumer({ topics: [topic], startAt: 'earliest', until: 'end' });
  const records: { key: Buffer | null; value: Buffer | null; headers: unknown }[] = [];
  for await (const { key, value, headers } of consumer) records.push({ key, value, headers });
  return records;
}

describe.skipIf(noJvm).each(KAFKA_VERSIONS)(`Kafka %s${because}`, (version) => {
  let target: Target;
  beforeAll(async () => {
    target = await startTarget({ kind: 'jvm', kafkaVersion: version });
  });
  afterAll(() => target?.close());

  it.each(logins)('what is produced over %s is consumed again', async (name, listener, sasl) => {
    await using kafka = connect(target, listener, sasl);
    await using producer = kafka.producer();
    const topic = `login-${name.replace(/\W+/g, '-')}`;
    const { offset } = await producer.send({ topic, key: 'k', value: name });
    expect(offset).toBe(0n);
    const [record] = await readAll(kafka, topic);
    expect(record?.value?.toString()).toBe(name);
  });

  it('keys, repeated, empty and binary headers, null and empty values, and 1,000,000 bytes arrive intact', async () => {
    await using kafka = connect(target, 'plaintext');
    await using producer = kafka.producer();
    const topic = 'values';
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
  });

  it('a wrong password is an AuthenticationError with the text of the broker', async () => {
    await using kafka = connect(target, 'saslTls', scramSha512({ username: 'alice', password: 'wrong' }));
    await expect(kafka.connect()).rejects.toMatchObject({
      name: 'AuthenticationError',
      message: expect.stringContaining('SCRAM-SHA-512'),
    });
  });

  it('a client without a certificate is refused by the listener that asks for one', async () => {
    const ca = target.certificates?.ca ?? '';
    await using kafka = createClient({ brokers: [target.bootstrap('mtls')], tls: { ca }, connectTimeoutMs: 3000 });
    await expect(kafka.connect()).rejects.toMatchObject({ message: expect.stringMatching(/certificate/i) });
  });

  it('plaintext against a TLS port and TLS against a plaintext port are named as such', async () => {
    await using plaintext = createClient({ brokers: [target.bootstrap('tls')], connectTimeoutMs: 3000 });
    await expect(plaintext.connect()).rejects.toMatchObject({ message: expect.stringMatching(/speaks TLS/) });
    await using encrypted = createClient({
      brokers: [target.bootstrap('plaintext')],
      tls: true,
      connectTimeoutMs: 3000,
    });
    await expect(encrypted.connect()).rejects.toMatchObject({ message: expect.stringMatching(/does not speak TLS/) });
  });

  it('a topic that the user may not write is an authorisation failure', async () => {
    await using kafka = connect(target, 'saslPlaintext', plain({ username: 'alice', password: users.alice }));
    await using producer = kafka.producer();
    await expect(producer.send({ topic: 'values', value: 'x' })).rejects.toMatchObject({
      message: expect.stringMatching(/TOPIC_AUTHORIZATION_FAILED|not authori[sz]ed/i),
    });
  });
});
