// Bytes of a fetch -> what may be handed out: the read_committed rule, corrupt batches, positions.
import { BatchBuilder, buildEndMarker, MessageSetBuilder, type RecordsView } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { inTurns } from '../util/in-turns.ts';
import { type ReadOptions, type ReadResult, readPartition } from './fetch-response.ts';
import { Answer } from './fetched.ts';

const PRODUCER = 7n;
const MiB = 1024 * 1024;

interface Batch {
  at: bigint;
  values: string[];
  producerId?: bigint;
  leaderEpoch?: number;
}

function batch({ at, values, producerId, leaderEpoch = 0 }: Batch): Buffer {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(0, null, Buffer.from(value));
  const transaction =
    producerId === undefined ? {} : { producerId, producerEpoch: 0, baseSequence: 0, transactional: true };
  return builder.seal({ baseOffset: at, leaderEpoch, ...transaction });
}

function marker(type: 'abort' | 'commit', at: bigint, producerId = PRODUCER): Buffer {
  return buildEndMarker({ type, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestampMs: 0, baseOffset: at });
}

const WHERE = {
  topic: 't',
  partition: 0,
  fetchOffset: 0n,
  fetchEpoch: -1,
  isolation: 'read_committed' as const,
  maxBatchBytes: 100 * MiB,
};

interface Reading extends Partial<ReadOptions> {
  aborted?: { producerId: bigint; firstOffset: bigint }[] | null;
}

async function read(parts: Buffer[], { aborted = null, ...options }: Reading = {}): Promise<ReadResult> {
  const bytes = { records: Buffer.concat(parts), abortedTransactions: aborted };
  return inTurns(readPartition(bytes, { ...WHERE, answer: new Answer(0), ...options }));
}

function offsets({ data }: ReadResult): number[] {
  return data.views.flatMap((view: RecordsView) => [...view.records()].map((record) => Number(record.offset)));
}

describe('read_committed', () => {
  it('a producer that aborted twice: only what it committed later is delivered (CLI-016)', async () => {
    const parts = [
      batch({ at: 0n, values: ['a'], producerId: PRODUCER }),
      marker('abort', 1n),
      batch({ at: 2n, values: ['b'], producerId: PRODUCER }),
      marker('abort', 3n),
      batch({ at: 4n, values: ['c'], producerId: PRODUCER }),
      marker('commit', 5n),
    ];
    const aborted = [
      { producerId: PRODUCER, firstOffset: 2n },
      { producerId: PRODUCER, firstOffset: 0n },
    ];
    const result = await read(parts, { aborted });
    expect(offsets(result)).toEqual([4]);
    expect(result.data.nextOffset).toBe(6n);
  });

  it('nothing of an aborted transaction is delivered before its marker is seen (CLI-017)', async () => {
    const parts = [batch({ at: 0n, values: ['a', 'b'], producerId: PRODUCER }), batch({ at: 2n, values: ['c'] })];
    expect(offsets(await read(parts, { aborted: [{ producerId: PRODUCER, firstOffset: 0n }] }))).toEqual([2]);
  });

  it('another producer, and records outside a transaction, are not touched', async () => {
    const parts = [
      batch({ at: 0n, values: ['a'], producerId: 8n }),
      batch({ at: 1n, values: ['b'], producerId: PRODUCER }),
    ];
    expect(offsets(await read(parts, { aborted: [{ producerId: PRODUCER, firstOffset: 1n }] }))).toEqual([0]);
  });

  it('a null list means that nothing was aborted (CLI-028)', async () => {
    expect(offsets(await read([batch({ at: 0n, values: ['a'], producerId: PRODUCER })], { aborted: null }))).toEqual([
      0,
    ]);
  });

  it('in read_uncommitted aborted records are delivered, markers never', async () => {
    const parts = [batch({ at: 0n, values: ['a'], producerId: PRODUCER }), marker('abort', 1n)];
    const aborted = [{ producerId: PRODUCER, firstOffset: 0n }];
    const result = await read(parts, { aborted, isolation: 'read_uncommitted' });
    expect(offsets(result)).toEqual([0]);
    expect(result.data.nextOffset).toBe(2n);
  });
});

describe('positions', () => {
  it('a partial batch at the end is left for the next fetch', async () => {
    const whole = batch({ at: 0n, values: ['a'] });
    const result = await read([whole, batch({ at: 1n, values: ['b'] }).subarray(0, 40)]);
    expect(offsets(result)).toEqual([0]);
    expect(result.data.nextOffset).toBe(1n);
    expect(result.isCut).toBe(false);
  });

  it('not one whole batch is said, so that the limit can grow', async () => {
    expect((await read([batch({ at: 0n, values: ['a'] }).subarray(0, 40)])).isCut).toBe(true);
  });

  it('batches wholly below what was asked for are passed over', async () => {
    const parts = [batch({ at: 0n, values: ['a'] }), batch({ at: 1n, values: ['b'] })];
    expect(offsets(await read(parts, { fetchOffset: 1n }))).toEqual([1]);
  });

  it('each leader epoch counts from where the batch before it ends, and the last one goes on', async () => {
    const parts = [batch({ at: 0n, values: ['a'], leaderEpoch: 3 }), batch({ at: 1n, values: ['b'], leaderEpoch: 4 })];
    expect((await read(parts)).data).toMatchObject({
      nextEpoch: 4,
      epochs: [
        { from: 0n, epoch: 3 },
        { from: 1n, epoch: 4 },
      ],
    });
    expect((await read(parts.slice(1))).data).toMatchObject({ nextEpoch: 4, epochs: [{ from: 0n, epoch: 4 }] });
  });
});

describe('corrupt batches', () => {
  const broken = batch({ at: 1n, values: ['b'] });
  broken[broken.length - 2] = 0x7a;

  it('are an error with topic, partition and offset (CLI-015)', async () => {
    const place = { code: 'CORRUPT_BATCH', topic: 't', partition: 0, offset: 1n };
    await expect(read([broken], { fetchOffset: 1n })).rejects.toThrow(expect.objectContaining(place));
  });

  it('behind good ones end the data before them', async () => {
    const result = await read([batch({ at: 0n, values: ['a'] }), broken]);
    expect(offsets(result)).toEqual([0]);
    expect(result.data.nextOffset).toBe(1n);
  });
});

describe('wrappers of old messages', () => {
  /** One message of so many zeros, which shrink to a thousandth. */
  function wrapper(at: number, bytes: number): Buffer {
    const builder = new MessageSetBuilder({ magic: 1 });
    builder.append(1, null, Buffer.alloc(bytes));
    return builder.seal({ compression: 'gzip', baseOffset: BigInt(at) });
  }
  const wrappers = (count: number, bytes: number): Buffer[] =>
    Array.from({ length: count }, (_, at) => wrapper(at, bytes));

  it('that unpack to more than one batch may are corrupt, where they stand', async () => {
    const parts = [wrapper(0, 10), wrapper(1, 2 * MiB)];
    const { data } = await read(parts, { maxBatchBytes: MiB });
    expect(data.nextOffset).toBe(1n);
    const place = { code: 'CORRUPT_BATCH', offset: 1n };
    await expect(read(parts.slice(1), { fetchOffset: 1n, maxBatchBytes: MiB })).rejects.toThrow(
      expect.objectContaining(place),
    );
  });

  it('are unpacked up to a limit, and the next fetch goes on there', async () => {
    const { data } = await read(wrappers(10, 4 * MiB));
    expect([data.views.length, data.nextOffset]).toEqual([4, 4n]);
  });

  it('are looked for in steps', () => {
    const [wrapper] = wrappers(1, 4 * MiB);
    const steps = readPartition(
      { records: wrapper ?? null, abortedTransactions: null },
      { ...WHERE, answer: new Answer(0) },
    );
    expect(steps.next().value).toBeInstanceOf(Promise);
  });

  it('wait packed', async () => {
    const before = process.memoryUsage().arrayBuffers;
    const { data } = await read(wrappers(15, MiB));
    expect(data.views).toHaveLength(15);
    globalThis.gc?.();
    const [first] = data.views;
    expect([...(first?.records() ?? [])].map(({ value }) => value?.length)).toEqual([MiB]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40 * MiB);
  });
});
