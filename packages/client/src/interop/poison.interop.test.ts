// Poison in the middle of a group's topic on real Kafka: bombs in all codecs, a batch that is damaged on its way, a value
// that cannot be decoded. The group goes on as its policies say, says what it left out, and does not stop there again.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Duplex, Transform } from 'node:stream';
import { BatchBuilder, type CompressionName, Errors, Produce, ZERO_UUID } from '@hopwire/protocol';
import { because, KAFKA_MODERN, KAFKA_OLD, placesFor } from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Consumer, type ConsumerOptions, createClient, type Kafka, type OpenSocket } from '../index.ts';
import { quiet } from '../testing/loop.ts';
import { Scratch } from '../testing/scratch.ts';

const MiB = 1024 * 1024;
const LIMIT = 16 * MiB;
const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
/** Its last byte is another one when it has come through `damaged`. */
const MARK = Buffer.from('\u0001this is damaged');

/** What the log holds, in its order: good values, and after each of them something bad. Offsets 1, 3, 5, ... are bad. */
const BAD = [...CODECS, 'damaged', 'undecodable'] as const;
const GOOD = Array.from({ length: BAD.length + 1 }, (_, i) => ({ good: i }));
const badAt = (what: (typeof BAD)[number]): bigint => BigInt(2 * BAD.indexOf(what) + 1);

/** A connection on which checksums do not hold any more where the mark is. */
const damaged: OpenSocket = async ({ host, port }) => {
  const socket = connect(port, host);
  await once(socket, 'connect');
  let matched = 0;
  const damage = new Transform({
    transform(chunk: Buffer, _, done) {
      for (let i = 0; i < chunk.length; i++) {
        matched = chunk[i] === MARK[matched] ? matched + 1 : Number(chunk[i] === MARK[0]);
        if (matched < MARK.length) continue;
        chunk.writeUInt8((chunk[i] ?? 0) ^ 1, i);
        matched = 0;
      }
      done(null, chunk);
    },
  });
  socket.on('error', (error) => damage.destroy(error));
  return Duplex.from({ writable: socket, readable: socket.pipe(damage) });
};

function batch(value: Buffer | string, compression: CompressionName = 'none'): Buffer {
  const builder = new BatchBuilder();
  builder.append(Date.now(), null, value);
  return builder.seal({ compression });
}

/** As it is: a producer would not write some of it. */
async function write(kafka: Kafka, topic: string, records: Buffer): Promise<void> {
  const topicData = [{ name: topic, topicId: ZERO_UUID, partitionData: [{ index: 0, records }] }];
  const request = { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData };
  await vi.waitFor(
    async () => {
      const { responses } = await kafka.request(Produce, request, { version: 9 });
      expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(Errors.NONE);
    },
    { timeout: 20_000 },
  );
}

function poison(what: (typeof BAD)[number]): Buffer {
  if (what === 'damaged') return batch(MARK);
  if (what === 'undecodable') return batch('no json');
  return batch(Buffer.alloc(LIMIT + 1), what);
}

for (const place of await placesFor([KAFKA_MODERN, KAFKA_OLD])) {
  const skipped = because(place.reason);
  describe.skipIf(place.reason)(`A poisoned topic on ${place.name}${skipped}`, () => {
    let scratch: Scratch;
    let kafka: Kafka;
    let topic: string;
    const warned: string[] = [];

    beforeAll(async () => {
      scratch = new Scratch(await place.start());
      topic = await scratch.topic('poison');
      const logger = { ...quiet, warn: (line: string) => void warned.push(line) };
      kafka = createClient({ ...scratch.options(), openSocket: damaged, logger });
      await using writer = scratch.client();
      for (const [i, good] of GOOD.entries()) {
        await write(writer, topic, batch(JSON.stringify(good)));
        const what = BAD[i];
        if (what !== undefined) await write(writer, topic, poison(what));
      }
    }, 60_000);
    afterAll(async () => {
      await kafka?.close();
      await scratch?.[Symbol.asyncDispose]();
    });

    type Options = ConsumerOptions<Buffer | null, unknown>;

    function consumerOf(group: string, more: Options): Consumer<Buffer | null, unknown> {
      warned.length = 0;
      const value = (bytes: Buffer | null): unknown => JSON.parse(String(bytes));
      const options = { topics: [topic], startAt: 'earliest', until: 'end', maxBatchBytes: LIMIT, value } as const;
      return kafka.consumer<Buffer | null, unknown>({ groupId: scratch.name(group), ...options, ...more });
    }

    /** What the loop saw, and why it ended. */
    async function readOn(consumer: Consumer<Buffer | null, unknown>): Promise<[values: unknown[], failure: unknown]> {
      const values: unknown[] = [];
      try {
        for await (const record of consumer) values.push(record.value);
      } catch (error) {
        return [values, error];
      }
      return [values, null];
    }

    async function readAll(group: string, options: Options): Promise<[values: unknown[], failure: unknown]> {
      await using consumer = consumerOf(group, options);
      return await readOn(consumer);
    }

    it('left out, each place is said once, and a restart has nothing to do', async () => {
      const options: Options = { onCorrupt: 'skip', onUndecodable: 'skip' };
      expect(await readAll('skip', options)).toEqual([GOOD, null]);
      for (const what of BAD) {
        const place = new RegExp(`${topic}\\[0\\]: the (batch|value) at offset ${badAt(what)}\\b`);
        expect(
          warned.filter((line) => place.test(line)),
          `${what}:\n${warned.join('\n')}`,
        ).toHaveLength(1);
      }
      expect(warned).toHaveLength(BAD.length);
      expect(await readAll('skip', options)).toEqual([[], null]);
      expect(warned).toEqual([]);
    });

    it('left out by batches(), too', async () => {
      await using consumer = consumerOf('batches', { onCorrupt: 'skip', onUndecodable: 'skip' });
      const values: unknown[] = [];
      for await (const batch of consumer.batches()) values.push(...batch.records().map((record) => record.value));
      expect(values).toEqual(GOOD);
    });

    it('a function keeps what could not be decoded', async () => {
      const kept: unknown[] = [];
      const onUndecodable: Options['onUndecodable'] = (_, record) => {
        kept.push([record.offset, record.text()]);
        return 'skip';
      };
      expect(await readAll('function', { onCorrupt: 'skip', onUndecodable })).toEqual([GOOD, null]);
      expect(kept).toEqual([[badAt('undecodable'), 'no json']]);
    });

    it('with throw the loop ends before it, also after a restart; a seek goes past it, and then no restart stops there', async () => {
      for (const [i, what] of BAD.entries()) {
        const code = what === 'undecodable' ? 'UNDECODABLE' : 'CORRUPT_BATCH';
        const failure = expect.objectContaining({ code, topic, partition: 0, offset: badAt(what) });
        expect(await readAll('throw', {}), what).toEqual([[GOOD[i]], failure]);
        await using consumer = consumerOf('throw', {});
        expect(await readOn(consumer), what).toEqual([[], failure]);
        await consumer.seek({ topic, partition: 0, offset: badAt(what) + 1n });
        await consumer.commit([{ topic, partition: 0, offset: badAt(what) + 1n }]);
      }
      expect(await readAll('throw', {})).toEqual([GOOD.slice(-1), null]);
      expect(await readAll('throw', {})).toEqual([[], null]);
    });
  });
}
