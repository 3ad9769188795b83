// Record batches and message sets as we write them: taken by real brokers, which unpack what they are sent, and read by
// Java's consumer.
import { createInterface } from 'node:readline';
import type { Kafka } from '@hopwire/client';
import {
  BatchBuilder,
  type CompressionName,
  Fetch,
  type FetchRequest,
  InitProducerId,
  type InitProducerIdResponse,
  MessageSetBuilder,
  Produce,
  type ReadRecord,
  readRecords,
  sequenceAfter,
  UnsupportedVersionError,
  ZERO_UUID,
} from '@hopwire/protocol';
import { because, KAFKA_MODERN, KAFKA_OLD, placesFor, type Target } from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { clientOf, createTopic, leave } from '../testing/topics.ts';

const [modern] = await placesFor([KAFKA_MODERN]);
const [old] = await placesFor([KAFKA_OLD]);
const noTools = modern.lacks('tools');
const noRelease = modern.lacks('release');
const noSets = old.lacks('messageSets');
const codecs: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const T = 1_700_000_000_000;
const COUNT = 300;
/** Texts that repeat, of 400 bytes; one of half a megabyte, so that every codec needs several blocks. */
const values = Array.from({ length: COUNT }, (_, i) =>
  i === 200
    ? Array.from({ length: 20_000 }, (_, j) => `{"number":${j},"id":${(j * 7919) % 10_007}}`).join(',')
    : `value ${i} of ${'what was said before, '.repeat(18)}`,
);

/** What came back for the one partition. */
async function produce(kafka: Kafka, topic: string, records: Buffer, version: number): Promise<number | undefined> {
  const partition = { index: 0, records };
  const topicData = [{ name: topic, topicId: ZERO_UUID, partitionData: [partition] }];
  const { responses } = await kafka.request(
    Produce,
    { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData },
    { version },
  );
  return responses[0]?.partitionResponses[0]?.errorCode;
}

async function newProducer(kafka: Kafka): Promise<InitProducerIdResponse> {
  const asked = { transactionalId: null, transactionTimeoutMs: 60_000, producerId: -1n, producerEpoch: -1 };
  const answer = await kafka.request(InitProducerId, { ...asked, enable2Pc: false, keepPreparedTxn: false });
  expect(answer.errorCode).toBe(0);
  return answer;
}

function fetchRequest(topic: string, fetchOffset: bigint): FetchRequest {
  const partition = {
    partition: 0,
    currentLeaderEpoch: -1,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: -1n,
    partitionMaxBytes: 10_000_000,
    replicaDirectoryId: ZERO_UUID,
    highWatermark: 2n ** 63n - 1n,
  };
  return {
    clusterId: null,
    replicaId: -1,
    replicaState: { replicaId: -1, replicaEpoch: -1n },
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: 20_000_000,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [{ topic, topicId: ZERO_UUID, partitions: [partition] }],
    forgottenTopicsData: [],
    rackId: '',
  };
}

async function fetchAll(kafka: Kafka, topic: string, version: number): Promise<ReadRecord[]> {
  const all: ReadRecord[] = [];
  for (;;) {
    const next = (all.at(-1)?.offset ?? -1n) + 1n;
    const { responses } = await kafka.request(Fetch, fetchRequest(topic, next), { version });
    const partition = responses[0]?.partitions[0];
    expect(partition?.errorCode).toBe(0);
    const read = [...readRecords(partition?.records ?? null)];
    if (read.length === 0) return all;
    all.push(...read.filter(({ offset }) => offset >= next));
  }
}

function batch(compression: CompressionName): BatchBuilder {
  const builder = new BatchBuilder();
  values.forEach((value, i) => {
    builder.append(T + i, compression, value, [['h', `${i}`]]);
  });
  return builder;
}

describe.skipIf(modern.reason)(`Record batches on ${modern.name}${because(modern.reason)}`, () => {
  let target: Target;
  let kafka: Kafka;
  let codecsTopic: string;
  let wrap: string;
  beforeAll(async () => {
    target = await modern.start();
    kafka = clientOf(target);
    codecsTopic = await createTopic(target, 'codecs');
    wrap = await createTopic(target, 'wrap');
  });
  afterAll(async () => {
    await kafka?.close();
    await leave(target);
  });

  it.skipIf(noTools)(
    `are taken in every codec, kept as sent, and read by us and by Java${because(noTools)}`,
    async () => {
      for (const compression of codecs) {
        expect(await produce(kafka, codecsTopic, batch(compression).seal({ compression }), 12), compression).toBe(0);
      }
      const read = await fetchAll(kafka, codecsTopic, 12);
      expect(read.map(({ key, value, batch: { codec } }) => [`${key}`, codec, `${value}`])).toEqual(
        codecs.flatMap((codec) => values.map((value) => [codec, codec, value])),
      );
      const java = target.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
        ...['--bootstrap-server', target.bootstrap(), '--topic', codecsTopic, '--from-beginning'],
        ...['--max-messages', `${codecs.length * COUNT}`, '--property', 'print.key=true'],
      ]);
      const lines: string[] = [];
      if (java.stdout) for await (const line of createInterface({ input: java.stdout })) lines.push(line);
      const printed = lines.filter((line) => /^\w+\tvalue |^\w+\t\{/.test(line));
      expect(printed).toEqual(codecs.flatMap((codec) => values.map((value) => `${codec}\t${value}`)));
    },
  );

  it('of an idempotent producer wrap their sequence where the broker expects it', async () => {
    // Answered with an error for as long as the broker's coordinator is starting.
    const { producerId, producerEpoch } = await vi.waitFor(() => newProducer(kafka), { timeout: 30_000 });
    let baseSequence = 2 ** 31 - 100;
    for (let i = 0; i < 3; i++) {
      const sealed = batch('lz4').seal({ compression: 'lz4', producerId, producerEpoch, baseSequence });
      expect(await produce(kafka, wrap, sealed, 12)).toBe(0);
      baseSequence = sequenceAfter(baseSequence, COUNT);
    }
    const read = await fetchAll(kafka, wrap, 12);
    expect(read.map(({ sequence }) => sequence)).toEqual(read.map((_, i) => (i < 100 ? 2 ** 31 - 100 + i : i - 100)));
    // One record ahead of what was promised: the broker does count.
    const ahead = { producerId, producerEpoch, baseSequence: sequenceAfter(baseSequence, 1) };
    expect(await produce(kafka, wrap, batch('none').seal(ahead), 12)).toBe(45);
  });

  it.skipIf(noRelease)(
    `are all that it takes: asking for Produce 2 is refused before anything is sent, with what there is${because(noRelease)}`,
    async () => {
      const builder = new MessageSetBuilder({ magic: 1 });
      builder.append(T, 'k', 'v');
      const asked = produce(kafka, wrap, builder.seal(), 2);
      await expect(asked).rejects.toThrow(UnsupportedVersionError);
      await expect(asked).rejects.toThrow(/Produce.*3/);
    },
  );
});

describe.skipIf(noSets)(`Message sets on ${old.name}${because(noSets)}`, () => {
  let target: Target;
  let kafka: Kafka;
  beforeAll(async () => {
    target = await old.start();
    kafka = clientOf(target);
  });
  afterAll(async () => {
    await kafka?.close();
    await leave(target);
  });

  const ways = ([0, 1, 2] as const).flatMap((version) =>
    (['none', 'gzip', 'snappy', 'lz4'] as const).map((compression) => ({ version, compression })),
  );

  it.each(ways)('are taken by Produce $version with $compression and read back', async ({ version, compression }) => {
    const topic = await createTopic(target, `set-${version}-${compression}`);
    const magic = version === 2 ? 1 : 0;
    for (let half = 0; half < 2; half++) {
      const builder = new MessageSetBuilder({ magic });
      values.forEach((value, i) => {
        builder.append(T + i, i === 5 ? null : `${half}`, value);
      });
      expect(await produce(kafka, topic, builder.seal({ compression }), version)).toBe(0);
    }
    const sent = [0, 1].flatMap((half) => values.map((value, i) => [i === 5 ? 'null' : `${half}`, value, i]));
    for (const [fetch, readMagic] of [
      [0, 0],
      [2, 1],
      [12, 2],
    ] as const) {
      const read = await fetchAll(kafka, topic, fetch);
      const time = (i: number) => (magic === 0 || readMagic === 0 ? -1 : T + i);
      expect(
        read.map(({ offset, key, value, timestampMs, batch: { codec } }) => [
          ...[offset, `${key}`, `${value}`, timestampMs, codec],
        ]),
      ).toEqual(sent.map(([key, value, i], at) => [BigInt(at), key, value, time(Number(i)), compression]));
      expect(new Set(read.map((r) => r.batch.magic))).toEqual(new Set([readMagic]));
    }
  });
});
