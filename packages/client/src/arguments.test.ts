// JavaScript callers pass anything: it is taken in its obvious meaning, or refused at once, by the path of its field.
import { TestBroker } from '@hopwire/test-broker';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Consumer } from './consumer/consumer.ts';
import { createClient, type Kafka, plain, scramSha256 } from './index.ts';
import type { Producer } from './producer/producer.ts';
import { quiet } from './testing/loop.ts';

let broker: TestBroker;
let kafka: Kafka;
let consumer: Consumer;
let producer: Producer;

beforeAll(async () => {
  broker = await TestBroker.start({ topics: { t: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
  consumer = kafka.consumer({ groupId: 'g', topics: ['t'], maxWaitMs: 20 });
  producer = kafka.producer();
  await consumer.whenAssigned();
});

afterAll(async () => {
  await kafka.close({ timeoutMs: 200 });
  await broker.close();
});

const first = { topic: 't', partition: 0 };
const large = 'x'.repeat(300_000);

/** What JavaScript can write and TypeScript cannot. */
function untyped(value: unknown): never {
  return value as never;
}

/** What a call said no with. One that throws although it returns promises is told from one that rejects. */
async function refusal(call: () => unknown): Promise<{ name: string; message: string } | null> {
  try {
    await call();
    return null;
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
}

describe('a wrong argument is refused with the path of its field:', () => {
  const wrong: readonly [call: (kafka: Kafka) => unknown, message: RegExp][] = [
    [() => createClient(untyped('a:1')), /^createClient takes an object of options, not a string$/],
    [() => createClient(untyped({ brokers: 9092 })), /^brokers must be 'host:port', or a list .*, not 9092$/],
    [() => createClient(untyped({ brokers: ['a:1', null] })), /^brokers\[1\] must be a string 'host:port', not null$/],
    [() => createClient({ brokers: large }), /^brokers: 'xxxx.*\.\.\.' is not 'host:port'/],
    [() => createClient({ brokers: 'a', clientId: '\ud800' }), /^clientId holds half of a surrogate pair/],
    [() => createClient({ brokers: 'a', clientId: large }), /^clientId takes 300000 bytes, at most 32767/],
    [() => createClient(untyped({ brokers: 'a', clientId: null })), /^clientId must be a string, not null$/],
    [() => createClient(untyped({ broker: 'a' })), /no option broker \(did you mean brokers\?\)/],
    [() => createClient(untyped({ brokers: 'a', ssl: true })), /no option ssl \(did you mean tls\?\)/],
    [() => createClient(untyped({ brokers: 'a', tls: ['ca'] })), /^tls must be true, false or Node's TLS options/],
    [() => plain(untyped(undefined)), /^PLAIN takes an object of options, not undefined$/],
    [() => plain(untyped({ user: 'a', password: 'b' })), /^PLAIN: there is no option user \(did you mean username/],
    [() => plain({ username: '', password: 'b' }), /^PLAIN: username must not be empty$/],
    [() => plain({ username: 'a', password: '\ud800' }), /^PLAIN: password holds half of a surrogate pair/],
    [() => plain(untyped({ username: 'a', password: 'b', authorizationId: 5 })), /^PLAIN: authorizationId must be/],
    [() => scramSha256(untyped(null)), /^SCRAM-SHA-256 takes an object of options, not null$/],
    [() => scramSha256(untyped({ username: 'a', password: 5n })), /^SCRAM-SHA-256: password must be .*, not a bigint$/],
    [
      () => scramSha256(untyped({ username: 'a', password: 'b', delegationToken: 1 })),
      /delegationToken must be true or/,
    ],
    [(k) => k.producer(untyped(new Map([['acks', 'leader']]))), /^producer takes an object of options, not a Map$/],
    [(k) => k.producer(untyped(null)), /^producer takes an object of options, not null$/],
    [(k) => k.producer(untyped(true)), /^producer takes an object of options, not a boolean$/],
    [(k) => k.producer(untyped({ linger: 5 })), /no option linger \(did you mean lingerMs\?\)/],
    [
      (k) => k.producer(untyped({ compression: 'GZIP' })),
      /^compression must be one of .*, not 'GZIP' \(did you mean gzip/,
    ],
    [(k) => k.consumer(untyped(undefined)), /^consumer takes an object of options, not undefined$/],
    [(k) => k.consumer(untyped({ topic: 't' })), /no option topic \(did you mean topics\?\)/],
    [(k) => k.consumer(untyped({ fromBeginning: true })), /no option fromBeginning \(did you mean startAt\?\)/],
    [
      (k) => k.consumer(untyped({ topics: 't' })),
      /^topics must be a list of names and patterns, not a string; give \["t"\]$/,
    ],
    [
      (k) => k.consumer(untyped({ topics: ['t', { topic: 'u' }] })),
      /^topics\[1\] must be the name of a topic or a patt/,
    ],
    [(k) => k.consumer({ topics: ['a b'] }), /^topics\[0\] "a b" cannot exist/],
    [(k) => k.consumer({ topics: [large] }), /^topics\[0\] "x+\.\.\." cannot exist: the name has 300000 characters/],
    [(k) => k.consumer({ topics: ['t'], groupId: '\udc00' }), /^groupId holds half of a surrogate pair/],
    [
      (k) => k.consumer(untyped({ startAt: 'Earliest' })),
      /^startAt must be one of .*, not 'Earliest' \(did you mean ear/,
    ],
    [(k) => k.consumer(untyped({ startAt: new Date() })), /^startAt must be .*, not a Date; .*getTime\(\)/],
    [(k) => k.consumer(untyped({ startAt: { timestampMs: undefined } })), /^startAt.timestampMs must be a number/],
    [(k) => k.consumer(untyped({ startAt: { last: 1, timestampMs: 2 } })), /^startAt: there is no option timestampMs/],
    [(k) => k.consumer(untyped({ assignors: 'range' })), /^assignors must be a list of names, not a string$/],
    [(k) => k.consumer({ assignors: ['sticky'] }), /^assignors: only 'range' is available so far, .* among 'sticky'$/],
    [
      (k) => k.consumer({ groupInstanceId: 'i' }),
      /^groupInstanceId is that of a member of a group; give a groupId too$/,
    ],
    [(k) => k.consumer({ assignors: [] }), /^assignors must name at least one of range/],
    [
      (k) => k.consumer(untyped({ assignors: ['range', undefined] })),
      /^assignors\[1\] must be one of .*, not undefined$/,
    ],
    [
      (k) => k.consumer(untyped({ signal: new AbortController() })),
      /^signal must be an AbortSignal, .*give its signal$/,
    ],
    [(k) => k.consumer(untyped({ value: 'json' })), /^value must be a function, not 'json'$/],
    [
      (k) => k.consumer({ sessionTimeoutMs: 6_000, heartbeatIntervalMs: 3_000 }),
      /^heartbeatIntervalMs must be at most a third of the 6000 ms of sessionTimeoutMs \(2000 ms\), not 3000$/,
    ],
    [(k) => Reflect.apply(k.admin, k, [{ timeoutMs: 5 }]), /^admin takes no options/],
    [() => consumer.subscribe(untyped(undefined)), /^subscribe must be a list of names and patterns, not undefined$/],
    [() => consumer.subscribe(untyped('t')), /^subscribe must be a list .*; give \["t"\]$/],
    [() => consumer.subscribe(untyped({ topic: 't' })), /^subscribe must be a list .*, not an object$/],
    [
      () => consumer.subscribe(untyped(['t', 5])),
      /^subscribe\[1\] must be the name of a topic or a pattern, not a number$/,
    ],
    [() => consumer.subscribe([]), /^subscribe must name at least one topic/],
    [() => consumer.subscribe(['\ud800']), /^subscribe\[0\] "\\ud800" cannot exist/],
    [() => consumer.seek(untyped(undefined)), /^seek must be \{ topic, partition, offset \}, not undefined$/],
    [
      () => consumer.seek(untyped({ ...first, offset: 5 })),
      /^seek.offset must be a bigint, .*, not 5; .* bigints: 5n$/,
    ],
    [() => consumer.seek(untyped({ ...first, offset: -1 })), /^seek.offset must be a bigint, .*, not -1$/],
    [
      () => consumer.seek(untyped({ ...first, offset: '7' })),
      /^seek.offset must be .*, not '7'; offsets are bigints: 7n$/,
    ],
    [() => consumer.seek(untyped({ ...first, offset: 'Earliest' })), /not 'Earliest' \(did you mean 'earliest'\?\)$/],
    [() => consumer.seek(untyped({ ...first, offset: Number.NaN })), /^seek.offset must be .*, not NaN$/],
    [() => consumer.seek({ ...first, offset: 2n ** 63n }), /^seek.offset must be from 0n to/],
    [() => consumer.seek(untyped({ ...first, offset: new Date() })), /not a Date; a time is \{ timestampMs/],
    [() => consumer.seek(untyped({ ...first, offset: { timestampMs: new Date() } })), /give its getTime\(\)$/],
    [
      () => consumer.seek(untyped({ ...first, ofset: 5n })),
      /^seek.ofset: there is no such field \(did you mean offset/,
    ],
    [() => consumer.commit(untyped([{ ...first, offset: 1n, metadata: 5 }])), /^commit\[0\].metadata must be a string/],
    [() => consumer.commit([{ ...first, offset: 1n, metadata: '\ud800' }]), /^commit\[0\].metadata holds half/],
    [() => consumer.commit([{ ...first, offset: 1n, metadata: large }]), /^commit\[0\].metadata takes 300000 bytes/],
    [() => consumer.commit(untyped([{ ...first, offset: 1n, leaderEpoch: '1' }])), /^commit\[0\].leaderEpoch must be/],
    [
      () => consumer.commit([{ ...first, offset: 1n, leaderEpoch: -5 }]),
      /^commit\[0\].leaderEpoch must be .*, not -5$/,
    ],
    [() => consumer.commit(untyped([{ ...first, offset: 1n, leaderEpoc: 5 }])), /^commit\[0\].leaderEpoc: there is no/],
    [
      () => consumer.commit(untyped([{ topic: 't', partition: '0', offset: 1n }])),
      /^commit\[0\].partition must be a number/,
    ],
    [
      () => consumer.pause(untyped([{ topic: 't', partitions: [0] }])),
      /^pause\[0\].partitions: .*\(did you mean partition\?/,
    ],
    [() => consumer.position(untyped(undefined)), /^position must be \{ topic, partition \}, not undefined$/],
    [
      () => consumer.position(untyped({ topic: 't', partition: '0' })),
      /^position.partition must be a number, not '0'$/,
    ],
    [() => consumer.lag(untyped([first])), /^lag.topic must be the name of a topic, not undefined$/],
    [() => consumer.markDone(untyped(undefined)), /^markDone takes a record or a batch, not undefined$/],
    [() => consumer.markDone(untyped({ ...first, offset: 5 })), /^markDone takes a record or a batch, not an object$/],
    [() => producer.send(untyped([{ topic: 't', value: 'x' }])), /^send takes a record .*, not an Array$/],
    [
      () => producer.send(untyped({ topic: 't', Value: 'x' })),
      /^Value: a record has no such field; it is called value$/,
    ],
    [
      () => producer.send(untyped({ topic: 't', messages: [{ value: 'x' }, { value: 'x', headers: { trace: 5 } }] })),
      /^messages\[1\].headers.trace must be a string, a Uint8Array or null, not a number/,
    ],
    [(k) => k.admin().createTopics(untyped(undefined)), /^createTopics must be a list of topics, not undefined$/],
    [
      (k) => k.admin().createTopics(untyped(['n'])),
      /^createTopics\[0\] must be \{ topic, partitions, ... \}, not 'n'$/,
    ],
    [(k) => k.admin().createTopics(untyped([{ name: 'n' }])), /^createTopics\[0\].name: .*\(did you mean topic\?\)/],
    [
      (k) => k.admin().createTopics(untyped([{ topic: 'n', numPartitions: 3 }])),
      /numPartitions: .*did you mean partitions/,
    ],
    [
      (k) => k.admin().createTopics(untyped([{ topic: 'n', partitions: '3' }])),
      /\[0\].partitions must be a number, not a st/,
    ],
    [
      (k) => k.admin().createTopics([{ topic: 'n', replicationFactor: 40_000 }]),
      /\[0\].replicationFactor must be a whole/,
    ],
    [
      (k) => k.admin().createTopics(untyped([{ topic: 'n', assignments: [0] }])),
      /\[0\].assignments\[0\] must be a list of br/,
    ],
    [
      (k) => k.admin().createTopics(untyped([{ topic: 'n', assignments: [['0']] }])),
      /assignments\[0\]\[0\] must be a number/,
    ],
    [
      (k) => k.admin().createTopics(untyped([{ topic: 'n', configs: { 'retention.ms': 5 } }])),
      /^createTopics\[0\].configs\['retention.ms'\] must be a string or null, not 5$/,
    ],
    [
      (k) => k.admin().createTopics([{ topic: 'n' }, { topic: 'n', partitions: 3 }]),
      /\[1\].topic: 'n' is named twice$/,
    ],
    [
      (k) => k.admin().createTopics([{ topic: 'n' }], untyped({ validateOnly: 'yes' })),
      /validateOnly must be true or fal/,
    ],
    [
      (k) => k.admin().createTopics([{ topic: 'n' }], untyped({ validate: true })),
      /no option validate \(did you mean val/,
    ],
    [(k) => k.admin().deleteTopics(untyped('n')), /^deleteTopics must be a list of topics, not a string$/],
    [(k) => k.admin().deleteTopics(untyped([null])), /^deleteTopics\[0\] must be a string, not null$/],
    [(k) => k.admin().describeTopics([large]), /^describeTopics\[0\] takes 300000 bytes/],
    [
      (k) => k.admin().listTopics(untyped({ includeInternal: 1 })),
      /^listTopics: includeInternal must be true or false/,
    ],
    [(k) => k.admin().listOffsets([], untyped({ isolation: 'committed' })), /^listOffsets: isolation must be one of/],
    [(k) => k.admin().listOffsets(untyped([{ ...first, at: 'Latest' }])), /not 'Latest' \(did you mean latest\?\)$/],
    [
      (k) => k.admin().committedOffsets(untyped(undefined)),
      /^committedOffsets: groupId must be a string, not undefined$/,
    ],
    [
      (k) => k.admin().committedOffsets('g', untyped({ partitions: [{ topic: 't', partition: '0' }] })),
      /^committedOffsets: partitions\[0\].partition must be a number, not '0'$/,
    ],
    [(k) => k.admin().close(untyped(5)), /^admin.close: its options are/],
  ];

  it.each(wrong.map(([call, message]) => ({ what: String(call).replace(/^\(\w?\) => /, ''), call, message })))(
    '$what',
    async ({ call, message }) => {
      expect((await refusal(() => call(kafka)))?.message).toMatch(message);
    },
  );

  it('and nothing of it was done', async () => {
    expect(broker.topicNames()).toEqual(['t']);
    expect(consumer.position(first)).toBe(0n);
    expect(broker.committed('g', 't', 0)).toBeNull();
  });
});

/** Every call that waits, with these options. */
const waiting: Record<string, (options: never) => Promise<unknown>> = {
  connect: (o) => kafka.connect(o),
  send: (o) => producer.send({ topic: 't', value: 'x' }, o),
  ready: (o) => producer.ready(o),
  flush: (o) => producer.flush(o),
  partitionsFor: (o) => producer.partitionsFor('t', o),
  'producer.close': (o) => kafka.producer().close(o),
  whenAssigned: (o) => consumer.whenAssigned(o),
  subscribe: (o) => consumer.subscribe(['t'], o),
  assign: (o) => kafka.consumer({}).assign([], o),
  seek: (o) => consumer.seek({ ...first, offset: 0n }, o),
  commit: (o) => consumer.commit([], o),
  committed: (o) => consumer.committed([], o),
  'consumer.close': (o) => kafka.consumer({}).close(o),
  createTopics: (o) => kafka.admin().createTopics([], o),
  deleteTopics: (o) => kafka.admin().deleteTopics([], o),
  listTopics: (o) => kafka.admin().listTopics(o),
  describeTopics: (o) => kafka.admin().describeTopics([], o),
  listOffsets: (o) => kafka.admin().listOffsets([], o),
  committedOffsets: (o) => kafka.admin().committedOffsets('g', o),
  'admin.close': (o) => kafka.admin().close(o),
  'kafka.close': (o) => kafka.close(o),
};

describe.each(Object.keys(waiting))('options of %s', (name) => {
  const call = waiting[name] ?? (() => Promise.reject(new Error('no such call')));
  it.each([
    [{ timeout: 100 }, /: there is no option timeout \(did you mean timeoutMs\?\)/],
    [{ timeoutMS: 100 }, /: there is no option timeoutMS \(did you mean timeoutMs\?\)/],
    [{ abortSignal: null, timeoutMs: 5 }, /: there is no option abortSignal/],
    [[], /: its options are \{ .*signal, timeoutMs \}, not an Array/],
    [5, /: its options are .*, not a number/],
    [new AbortController().signal, /: an AbortSignal is given as \{ signal \}/],
    [{ signal: new AbortController() }, /: signal must be an AbortSignal, not an AbortController; give its signal/],
    [
      { signal: { aborted: false, addEventListener: () => undefined } },
      /: signal must be an AbortSignal, not an object/,
    ],
    [{ signal: { aborted: false, addEventListener: 5 } }, /: signal must be an AbortSignal, not an object/],
    [{ timeoutMs: '100' }, /: timeoutMs must be a number, not a string/],
    [{ timeoutMs: Number.NaN }, /: timeoutMs must be a number of milliseconds, not NaN/],
  ])('that cannot be meant are refused: %o', async (options, message) => {
    expect((await refusal(() => call(untyped(options))))?.message).toMatch(message);
  });
});

/** Messages of the engine: they name our variables, not what the caller gave. */
const OF_THE_ENGINE =
  /Cannot (read|destructure|convert|mix|use)|is not (a function|iterable|a constructor)|is not well-formed|is required, not|is no int/;

describe('whatever is given to a call', () => {
  const offsets = fc.oneof(fc.bigInt(), fc.anything(), fc.constantFrom('earliest', 'latest', '7', -0, 2 ** 53));
  const partition = fc.record({ topic: fc.anything(), partition: fc.anything(), offset: offsets, at: fc.anything() });
  const near = fc.oneof(
    fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true }),
    partition,
    fc.array(fc.oneof(partition, fc.record({ topic: fc.constant('t'), partition: fc.constant(0), offset: offsets }))),
    fc.record({ topic: fc.constant('t'), messages: fc.anything() }),
    fc.record({ topic: fc.constant('t'), value: fc.anything(), headers: fc.anything() }, { requiredKeys: ['topic'] }),
  );
  const calls: Record<string, (given: never) => unknown> = {
    createClient: (given) => void createClient(given),
    plain,
    producer: (given) => void kafka.producer(given).close(),
    consumer: (given) => void kafka.consumer(given).close(),
    assign: (given) => kafka.consumer({}).assign(given, { timeoutMs: 0 }),
    subscribe: (given) => kafka.consumer({}).subscribe(given, { timeoutMs: 0 }),
    seek: (given) => consumer.seek(given, { timeoutMs: 0 }),
    commit: (given) => consumer.commit(given, { timeoutMs: 0 }),
    committed: (given) => consumer.committed(given, { timeoutMs: 0 }),
    pause: (given) => consumer.pause(given),
    resume: (given) => consumer.resume(given),
    position: (given) => consumer.position(given),
    lag: (given) => consumer.lag(given),
    markDone: (given) => consumer.markDone(given),
    send: (given) => producer.send(given, { timeoutMs: 0 }),
    enqueue: (given) => producer.enqueue(given),
    partitionsFor: (given) => producer.partitionsFor(given, { timeoutMs: 0 }),
    createTopics: (given) => kafka.admin().createTopics(given, { timeoutMs: 0 }),
    deleteTopics: (given) => kafka.admin().deleteTopics(given, { timeoutMs: 0 }),
    describeTopics: (given) => kafka.admin().describeTopics(given, { timeoutMs: 0 }),
    listOffsets: (given) => kafka.admin().listOffsets(given, { timeoutMs: 0 }),
    committedOffsets: (given) => kafka.admin().committedOffsets(given, { timeoutMs: 0 }),
  };

  it.each(Object.keys(calls))('%s is taken, or refused in words about what was given', async (name) => {
    const call = calls[name] ?? fail;
    await fc.assert(
      fc.asyncProperty(near, async (given) => {
        const said = await refusal(() => call(untyped(given)));
        expect(said?.message ?? '').not.toMatch(OF_THE_ENGINE);
      }),
      { numRuns: 100 },
    );
  });

  it.each(['seek', 'commit', 'committed', 'send', 'createTopics', 'deleteTopics', 'listOffsets', 'committedOffsets'])(
    '%s rejects and never throws, for then its caller would not catch it',
    (name) => {
      const call = calls[name] ?? fail;
      for (const given of [undefined, null, 5, 'x', {}, [null]]) {
        const result = call(untyped(given));
        expect(result).toBeInstanceOf(Promise);
        if (result instanceof Promise) result.catch(() => undefined);
      }
    },
  );
});

function fail(): never {
  throw new Error('no such call');
}
