// librdkafka, by Python's confluent_kafka, against the embedded broker: what it does works, and every frame it sends,
// with every answer it gets, is read by our codecs and written again as the same bytes.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { missing } from '../harness/index.ts';
import { Recording } from './testing/recording.ts';
import type { WrittenAgain } from './testing/written-again.ts';

const run = promisify(execFile);
const noPython = await missing('python');
const because = noPython ? ` [skipped: ${noPython}]` : '';

/**
 * Asking for all topics, librdkafka reserves four bytes for the count and fills in only the first of them: what follows
 * is off by three bytes, which Kafka leaves at the end. So do we, but no writer of ours repeats them.
 */
function isShiftedMetadata({ what, bytes, again }: WrittenAgain): boolean {
  if (!/^Metadata v\d+ request$/.test(what) || !Buffer.isBuffer(again)) return false;
  return again.length === bytes.length - 3 && again.subarray(4).equals(bytes.subarray(4, -3));
}

/** Runs a script against the broker, to its end; what it prints is JSON, a line each. */
async function python({ broker }: Recording, script: string, ...args: string[]): Promise<unknown[]> {
  const all = ['-c', script, broker.bootstrap, ...args];
  const { stdout } = await run(process.env.HOP_TEST_PYTHON ?? '', all, { timeout: 40_000 }).catch((cause) => {
    throw new Error(`the client failed; the broker's problems: ${broker.problems.join('\n')}`, { cause });
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const HEAD = `
import json, sys
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
server = sys.argv[1]
def tell(*what): print(json.dumps(what), flush=True)
`;

const TOPICS = `${HEAD}
admin = AdminClient({'bootstrap.servers': server})
wanted = [NewTopic('orders', 3, 2), NewTopic('gone', 1, 1)]
tell('created', [future.result() for future in admin.create_topics(wanted).values()])
try:
    admin.create_topics([NewTopic('orders', 3, 2)])['orders'].result()
except Exception as error:
    tell('refused', error.args[0].name())
admin.delete_topics(['gone'])['gone'].result()
all = admin.list_topics(timeout=10)
tell('listed', sorted(all.topics), len(all.brokers))
one = admin.list_topics('orders', timeout=10).topics['orders']
tell('described', {p.id: len(p.replicas) for p in one.partitions.values()})
`;

const RECORDS = `${HEAD}
errors = []
def delivered(error, message):
    if error: errors.append(str(error))
for codec in ['none', 'gzip', 'snappy', 'lz4', 'zstd']:
    producer = Producer({'bootstrap.servers': server, 'compression.type': codec, 'linger.ms': 20,
                         'enable.idempotence': codec == 'lz4'})
    for i in range(40):
        producer.produce('orders', key=f'k{i}', value=f'{codec} {i} ' + 'again ' * 50, headers=[('h', b'\\x00\\xff')],
                         on_delivery=delivered)
    producer.produce('orders', key='gone', on_delivery=delivered)
    producer.flush(30)
tell('errors', errors)
`;

const GROUP = `${HEAD}
common = {'bootstrap.servers': server, 'group.id': 'g', 'auto.offset.reset': 'earliest', 'enable.auto.commit': False,
          'heartbeat.interval.ms': 100, 'session.timeout.ms': 10000}
members = [Consumer(dict(common, **json.loads(sys.argv[2]))) for _ in range(2)]
for member in members: member.subscribe(['orders'])
seen, times = {}, 0
def take(member, message):
    global times
    if message is None: return
    if message.error(): raise Exception(message.error())
    seen[f'{message.partition()}/{message.offset()}'] = (message.value() or b'null').decode()
    times += 1
while not all(len(member.assignment()) == 2 for member in members):
    for member in members: take(member, member.poll(0.05))
while len(seen) < 205:
    for member in members: take(member, member.poll(0.05))
tell('seen', [value.strip() for value in seen.values()])
for member in members: member.commit(asynchronous=False)
ends = [TopicPartition('orders', p) for p in range(4)]
tell('committed', sum(p.offset for p in members[0].committed(ends, timeout=10)))
tell('watermarks', sum(members[0].get_watermark_offsets(p, timeout=10)[1] for p in ends))
for member in members: member.close()
`;

const OLD = `${HEAD}
common = json.loads(sys.argv[2])
common['bootstrap.servers'] = server
for codec in ['none', 'gzip', 'snappy', 'lz4']:
    producer = Producer(dict(common, **{'compression.type': codec, 'linger.ms': 20}))
    for i in range(30):
        producer.produce('orders', key=f'k{i}', value=f'{codec} {i} ' + 'again ' * 50, timestamp=1700000000000 + i)
    producer.flush(30)
consumer = Consumer(dict(common, **{'group.id': 'g', 'auto.offset.reset': 'earliest'}))
consumer.subscribe(['orders'])
seen = []
while len(seen) < 120:
    message = consumer.poll(0.1)
    if message is None: continue
    if message.error(): raise Exception(message.error())
    time = message.timestamp()[1] - 1700000000000 if message.timestamp()[0] else None
    seen.append([message.key().decode(), message.value().decode().strip(), time])
consumer.close()
tell(*seen)
`;

const LOGIN = `${HEAD}
settings = {'bootstrap.servers': server, 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': sys.argv[2],
            'sasl.username': 'alice', 'sasl.password': 'secret'}
tell(sorted(AdminClient(settings).list_topics(timeout=10).topics))
`;

const apis = ({ asked }: Recording): string[] => [...new Set(asked.map((name) => name.split(' ')[0] ?? ''))];

describe.skipIf(noPython)(`librdkafka${because}`, () => {
  it('creates, lists, describes and deletes topics', async () => {
    await using recording = await Recording.start({ brokers: 2 });
    expect(await python(recording, TOPICS)).toEqual([
      ['created', [null, null]],
      ['refused', 'TOPIC_ALREADY_EXISTS'],
      ['listed', ['orders'], 2],
      ['described', { 0: 2, 1: 2, 2: 2 }],
    ]);
    recording.expectWrittenAgain(isShiftedMetadata);
    expect(apis(recording).sort()).toEqual(['ApiVersions', 'CreateTopics', 'DeleteTopics', 'Metadata']);
  });

  it.each(['range', 'cooperative-sticky'])('produces in every codec, and reads in a group of two (%s)', async (how) => {
    await using recording = await Recording.start({ brokers: 2, topics: { orders: 4 } });
    expect(await python(recording, RECORDS)).toEqual([['errors', []]]);
    const settings = JSON.stringify({ 'partition.assignment.strategy': how });
    const [seen, ...rest] = (await python(recording, GROUP, settings)) as [[string, string[]], unknown];
    const sent = ['none', 'gzip', 'snappy', 'lz4', 'zstd'].flatMap((codec) =>
      [...Array(40).keys()].map((i) => `${codec} ${i} ${'again '.repeat(50)}`.trim()).concat('null'),
    );
    expect(seen[1].sort()).toEqual(sent.sort());
    expect(rest).toEqual([
      ['committed', 205],
      ['watermarks', 205],
    ]);
    recording.expectWrittenAgain(isShiftedMetadata);
    expect(apis(recording)).toEqual(
      expect.arrayContaining([
        ...['Produce', 'InitProducerId', 'FindCoordinator', 'JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup'],
        ...['OffsetFetch', 'OffsetCommit', 'ListOffsets', 'Fetch'],
      ]),
    );
  });

  it.each([
    {
      how: 'as in Kafka 0.9, magic 0, when told to',
      settings: { 'api.version.request': false, 'broker.version.fallback': '0.9.0' },
      versions: ['Produce v1', 'Fetch v1'],
      maxVersions: {},
    },
    {
      how: 'as in Kafka 0.10, magic 1, when the broker has no more',
      settings: {},
      versions: ['Produce v2', 'Fetch v2'],
      maxVersions: { Produce: 2, Fetch: 2 },
    },
  ])('writes and reads message sets $how', async ({ settings, versions, maxVersions }) => {
    await using recording = await Recording.start({ topics: { orders: 2 }, maxVersions });
    const [seen] = (await python(recording, OLD, JSON.stringify(settings))) as [unknown[]];
    const hasTime = versions.includes('Produce v2');
    const sent = ['none', 'gzip', 'snappy', 'lz4'].flatMap((codec) =>
      Array.from({ length: 30 }, (_, i) => [
        `k${i}`,
        `${codec} ${i} ${'again '.repeat(50)}`.trim(),
        hasTime ? i : null,
      ]),
    );
    expect(seen.map(String).sort()).toEqual(sent.map(String).sort());
    expect(recording.asked).toEqual(expect.arrayContaining(versions));
    recording.expectWrittenAgain(isShiftedMetadata);
  });

  it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('logs in by %s', async (mechanism) => {
    await using recording = await Recording.start({ users: { alice: 'secret' }, topics: { orders: 1 } });
    expect(await python(recording, LOGIN, mechanism)).toEqual([[['orders']]]);
    recording.expectWrittenAgain(isShiftedMetadata);
    expect(apis(recording)).toEqual(expect.arrayContaining(['SaslHandshake', 'SaslAuthenticate', 'Metadata']));
  });
});
