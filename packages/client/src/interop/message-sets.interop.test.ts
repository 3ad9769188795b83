// Message sets, the records of Kafka before 0.11: written with the Produce versions that carry them, and read by
// everybody from a broker that still converts them; refused before they are sent to one that would hang up.
import { createInterface } from 'node:readline';
import {
  ApiVersions,
  Errors,
  Fetch,
  type FetchRequest,
  MessageSetBuilder,
  Produce,
  type ProduceRequest,
  type ReadRecord,
  readRecords,
  ZERO_UUID,
} from '@hopwire/protocol';
import { because, Conversation, KAFKA_MODERN, KAFKA_NEWEST, KAFKA_OLD, placesFor } from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Kafka } from '../index.ts';
import { Scratch } from '../testing/scratch.ts';

const [old] = await placesFor([KAFKA_OLD]);
const noSets = old.lacks('plaintext', 'messageSets');
const noTools = old.lacks('tools');
const NOW = Date.now();
const TEXT = 'said again and again, '.repeat(12);

const ways = ([0, 1] as const).flatMap((magic) =>
  ([0, 1, 2] as const).flatMap((version) =>
    (['none', 'gzip', 'snappy', 'lz4'] as const).map((compression) => ({ magic, version, compression })),
  ),
);

interface Sent {
  readonly key: string | null;
  readonly value: string | null;
}

/** What goes into each of the two sets of a partition, the null ones and the empty ones among it. */
function messagesOf(partition: number, half: number): Sent[] {
  const words = Array.from({ length: 30 }, (_, i) => ({ key: `${partition}/${half}/${i}`, value: `${i} ${TEXT}` }));
  return [{ key: 'tombstone', value: null }, { key: null, value: 'no key' }, ...words, { key: '', value: '' }];
}

const sentTo = (partition: number): Sent[] => [...messagesOf(partition, 0), ...messagesOf(partition, 1)];
const timeOf = (index: number): number => NOW - 100_000 + 7 * index;
const text = (bytes: Buffer | null): string | null => bytes?.toString() ?? null;

/** What every reader has to see; a time is there when it was sent and this reader's format has one. */
function expected(partition: number, hasTime: boolean): unknown[] {
  return sentTo(partition).map(({ key, value }, i) => [BigInt(i), hasTime ? timeOf(i) : -1, key, value]);
}

function produceRequest(topic: string, index: number, records: Buffer): ProduceRequest {
  const topicData = [{ name: topic, topicId: ZERO_UUID, partitionData: [{ index, records }] }];
  return { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData };
}

/** A broker that has just made a topic may not lead its partitions yet: nothing was written then. */
async function write(kafka: Kafka, request: ProduceRequest, version: number): Promise<unknown> {
  return vi.waitFor(
    async () => {
      const { responses } = await kafka.request(Produce, request, { version });
      const answer = responses[0]?.partitionResponses[0];
      if (answer?.errorCode === Errors.NOT_LEADER_OR_FOLLOWER) throw new TypeError('still no leader');
      return answer;
    },
    { timeout: 20_000 },
  );
}

function fetchRequest(topic: string, partition: number, fetchOffset: bigint): FetchRequest {
  const wanted = {
    ...{ partition, fetchOffset, partitionMaxBytes: 1_000_000, currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
    ...{ logStartOffset: -1n, replicaDirectoryId: ZERO_UUID, highWatermark: 0n },
  };
  return {
    ...{ clusterId: null, replicaId: -1, replicaState: { replicaId: -1, replicaEpoch: -1n } },
    ...{ maxWaitMs: 1, minBytes: 1, maxBytes: 10_000_000, isolationLevel: 0, sessionId: 0, sessionEpoch: -1 },
    ...{ topics: [{ topic, topicId: ZERO_UUID, partitions: [wanted] }], forgottenTopicsData: [], rackId: '' },
  };
}

/** Everything in a partition, as this version of Fetch gives it. A fetch that ends within a set is followed by another. */
async function fetchAll(kafka: Kafka, topic: string, partition: number, version: number): Promise<ReadRecord[]> {
  const all: ReadRecord[] = [];
  for (;;) {
    const { responses } = await kafka.request(Fetch, fetchRequest(topic, partition, BigInt(all.length)), { version });
    const answer = responses[0]?.partitions[0];
    expect(answer?.errorCode).toBe(0);
    const read = [...readRecords(answer?.records ?? null)].filter(({ offset }) => offset >= all.length);
    if (read.length === 0) return all;
    all.push(...read);
  }
}

describe.skipIf(noSets)(`Message sets on ${old.name}${because(noSets)}`, () => {
  let scratch: Scratch;
  let kafka: Kafka;
  let topic: string;
  beforeAll(async () => {
    scratch = new Scratch(await old.start());
    kafka = scratch.client();
    topic = await scratch.topic('sets', ways.length);
    for (const [partition, { magic, version, compression }] of ways.entries()) {
      for (const half of [0, 1]) {
        const builder = new MessageSetBuilder({ magic });
        const messages = messagesOf(partition, half);
        messages.forEach(({ key, value }, i) => {
          builder.append(timeOf(half * messages.length + i), key, value);
        });
        const request = produceRequest(topic, partition, builder.seal({ compression }));
        expect(await write(kafka, request, version), `${magic} ${version} ${compression}`).toMatchObject({
          errorCode: 0,
          baseOffset: BigInt(half * messages.length),
        });
      }
    }
  });
  afterAll(async () => {
    await kafka?.close();
    await scratch?.[Symbol.asyncDispose]();
  });

  const named = ways.map((way, partition) => ({ ...way, partition }));

  it.each(named)(
    'magic $magic with $compression, written by Produce $version, is read in every format',
    async ({ magic, compression, partition }) => {
      const formats = [
        ...[0, 1].map((version) => ({ version, format: 0 })), // converted down
        ...[2, 3].map((version) => ({ version, format: 1 })),
        { version: 4, format: 2 }, // as it is stored
      ];
      for (const { version, format } of formats) {
        const read = await fetchAll(kafka, topic, partition, version);
        const seen = read.map(({ offset, timestampMs, key, value }) => [offset, timestampMs, text(key), text(value)]);
        expect(seen, `Fetch v${version}`).toEqual(expected(partition, magic === 1 && format > 0));
        expect(new Set(read.map(({ batch }) => `${batch.magic} ${batch.codec}`)), `Fetch v${version}`).toEqual(
          new Set([`${format} ${compression}`]),
        );
      }
    },
  );

  it('all of them are read by our consumer', async () => {
    await using consumer = kafka.consumer({ topics: [topic], startAt: 'earliest', until: 'end' });
    const read = ways.map((): unknown[] => []);
    for await (const { partition, offset, timestampMs, key, value } of consumer) {
      read[partition]?.push([offset, timestampMs, text(key), text(value)]);
    }
    expect(read).toEqual(ways.map(({ magic }, partition) => expected(partition, magic === 1)));
  });

  it.skipIf(noTools)(`all of them are read by Java's consumer${because(noTools)}`, async () => {
    const count = ways.reduce((sum, _, partition) => sum + sentTo(partition).length, 0);
    const { target } = scratch;
    const java = target.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
      ...['--bootstrap-server', target.bootstrap(), '--topic', topic, '--from-beginning'],
      ...['--max-messages', `${count}`, '--timeout-ms', '60000'],
      ...['key', 'offset', 'partition', 'timestamp'].flatMap((what) => ['--property', `print.${what}=true`]),
      ...['--property', 'null.literal=NULL', '--property', 'key.separator=|'],
    ]);
    const lines: string[] = [];
    if (java.stdout) for await (const line of createInterface({ input: java.stdout })) lines.push(line);
    const printed = ways.flatMap(({ magic }, partition) =>
      sentTo(partition).map(({ key, value }, i) => {
        return `CreateTime:${magic === 1 ? timeOf(i) : -1}|Partition:${partition}|Offset:${i}|${key ?? 'NULL'}|${value ?? 'NULL'}`;
      }),
    );
    expect(lines.filter((line) => line.includes('|Partition:')).sort()).toEqual(printed.sort());
  });
});

for (const place of await placesFor([KAFKA_MODERN, KAFKA_NEWEST])) {
  const lack = place.lacks('release');
  describe.skipIf(lack)(`Message sets on ${place.name}${because(lack)}`, () => {
    let scratch: Scratch;
    let kafka: Kafka;
    let topic: string;
    let request: ProduceRequest;
    beforeAll(async () => {
      scratch = new Scratch(await place.start());
      kafka = scratch.client();
      topic = await scratch.topic('sets');
      const records = new MessageSetBuilder({ magic: 1 });
      records.append(NOW, 'key', 'value');
      request = produceRequest(topic, 0, records.seal());
    });
    afterAll(async () => {
      await kafka?.close();
      await scratch?.[Symbol.asyncDispose]();
    });

    it.each([0, 1, 2])('are refused for Produce %i with what the broker really takes', async (version) => {
      await expect(kafka.request(Produce, request, { version })).rejects.toMatchObject({
        name: 'UnsupportedVersionError',
        message: expect.stringContaining(`Produce v${version}: we speak v0-13, the broker takes v3-13`),
        theirs: [3, 13],
      });
    });

    it('are advertised by the broker all the same, which hangs up on them', async () => {
      const software = { clientSoftwareName: 'hopwire', clientSoftwareVersion: '0', clusterId: null, nodeId: -1 };
      const { apiKeys } = await kafka.request(ApiVersions, software, { version: 3 });
      expect(apiKeys.find(({ apiKey }) => apiKey === Produce.key)).toMatchObject({ minVersion: 0, maxVersion: 13 });
      for (const version of [0, 1, 2]) {
        await using raw = Conversation.open(scratch.target.bootstrap());
        await expect(raw.ask(Produce, version, request)).rejects.toThrow('the connection was closed');
      }
    });

    it('leave a producer alone, whose versions are negotiated', async () => {
      await using producer = kafka.producer();
      expect((await producer.send({ topic, value: 'x' })).offset).toBe(0n);
    });
  });
}
