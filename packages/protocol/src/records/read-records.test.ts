import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchBuilder, type SealOptions } from './batch-builder.ts';
import { buildEndMarker, readControlRecord } from './control-record.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import { MessageSetBuilder } from './message-set-builder.ts';
import { patchAppendTime, patchBaseOffset } from './patch.ts';
import { readRecords } from './read-records.ts';
import type { HeaderInput } from './record.ts';
import { sequenceAfter } from './sequence.ts';

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
const T = 1_700_000_000_000;

function batch(values: readonly string[], options: SealOptions = {}): Buffer {
  const builder = new BatchBuilder();
  values.forEach((value, i) => {
    builder.append(T + i, 'k', value, [['h', 'x']]);
  });
  return builder.seal(options);
}

function messageSet(magic: 0 | 1, baseOffset: bigint): Buffer {
  const builder = new MessageSetBuilder({ magic });
  for (let i = 0; i < 20; i++) builder.append(T, null, `message ${i} of magic ${magic}`);
  return builder.seal({ compression: 'lz4', baseOffset });
}

const bytes = fc.option(fc.uint8Array({ maxLength: 80 }).map((b) => Buffer.from(b)));
const records = fc.array(
  fc.record({
    timestampMs: fc.integer({ min: -1, max: 2 ** 45 }),
    key: bytes,
    value: bytes,
    headers: fc.array(fc.tuple(fc.string(), bytes), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 50 },
);

describe('readRecords', () => {
  it.each(codecs)('gives back what was appended to a batch, %s', (compression) => {
    fc.assert(
      fc.property(records, (list) => {
        const builder = new BatchBuilder();
        for (const { timestampMs, key, value, headers } of list) {
          const input: readonly HeaderInput[] = headers;
          builder.append(timestampMs, key, value, input);
        }
        const read = [...readRecords(builder.seal({ compression }))];
        expect(read.map(({ timestampMs, key, value, headers }) => ({ timestampMs, key, value, headers }))).toEqual(
          list,
        );
        expect(read.map((r) => r.offset)).toEqual(list.map((_, i) => BigInt(i)));
      }),
      { numRuns: 40 },
    );
  });

  it('names the facts of the batch once for all its records', () => {
    const values = Array.from({ length: 50 }, (_, i) => `value ${i} ${'again '.repeat(5)}`);
    for (const codec of codecs) {
      const written = batch(values, {
        compression: codec,
        producerId: 4000n,
        producerEpoch: 3,
        baseSequence: 10,
        transactional: true,
      });
      patchBaseOffset(written, 70n, 5);
      const read = [...readRecords(written)];
      expect(read[7]).toEqual({
        offset: 77n,
        timestampMs: T + 7,
        timestampType: 'create',
        key: Buffer.from('k'),
        value: Buffer.from(values[7] ?? ''),
        headers: [['h', Buffer.from('x')]],
        sequence: 17,
        batch: {
          magic: 2,
          codec,
          baseOffset: 70n,
          lastOffset: 119n,
          sizeInBytes: written.length,
          producerId: 4000n,
          producerEpoch: 3,
          baseSequence: 10,
          isTransactional: true,
          isControl: false,
          leaderEpoch: 5,
        },
      });
      expect(new Set(read.map((r) => r.batch)).size).toBe(1);
    }
  });

  it('reads magic 0, 1 and 2 in one run of bytes', () => {
    const newest = batch(['new']);
    patchBaseOffset(newest, 40n, 0);
    const read = [...readRecords(Buffer.concat([messageSet(0, 0n), messageSet(1, 20n), newest]))];
    expect(read.map((r) => r.offset)).toEqual(Array.from({ length: 41 }, (_, i) => BigInt(i)));
    expect([0, 20, 40].map((i) => read[i]?.batch.magic)).toEqual([0, 1, 2]);
    expect([0, 20, 40].map((i) => read[i]?.batch.codec)).toEqual(['lz4', 'lz4', 'none']);
    expect([0, 20, 40].map((i) => read[i]?.timestampMs)).toEqual([-1, T, T]);
    expect(read[20]?.batch).toMatchObject({ baseOffset: 20n, lastOffset: 39n, producerId: -1n, baseSequence: -1 });
    expect(read[20]?.sequence).toBe(-1);
  });

  it('says how much of a last batch is there, and leaves it out', () => {
    const whole = batch(['one', 'two']);
    for (let extra = 0; extra < whole.length; extra++) {
      const cut = readRecords(Buffer.concat([whole, whole.subarray(0, extra)]));
      expect(cut.partialBytes).toBe(extra);
      expect([...cut]).toHaveLength(2);
    }
    expect(readRecords(whole.subarray(0, 20)).partialBytes).toBe(20);
  });

  it('reads while it is iterated, and once more from the start', () => {
    const broken = batch(['broken']);
    broken[broken.length - 2] = 0xff;
    const two = readRecords(Buffer.concat([batch(['fine']), broken]));
    const seen: string[] = [];
    const read = () => {
      for (const { value } of two) seen.push(`${value}`);
    };
    expect(read).toThrow(CorruptBatchError);
    expect(read).toThrow(/CRC-32C/);
    expect(seen).toEqual(['fine', 'fine']);
  });

  it('takes any view of bytes, and null as nothing', () => {
    const whole = batch(['one']);
    const padded = new Uint8Array(whole.length + 10);
    padded.set(whole, 5);
    expect([...readRecords(padded.subarray(5, 5 + whole.length))]).toHaveLength(1);
    expect([...readRecords(null)]).toEqual([]);
    expect(readRecords(null).partialBytes).toBe(0);
  });

  it('compares checksums unless told not to', () => {
    const changed = batch(['value']);
    changed[changed.length - 6] = 'X'.charCodeAt(0);
    expect(() => [...readRecords(changed)]).toThrow(/CRC-32C/);
    expect([...readRecords(changed, { verify: false })]).toHaveLength(1);
  });

  it.each(codecs.slice(1))('keeps to maxBytes for %s, in batches and in message sets', (compression) => {
    const bomb = batch(['x'.repeat(500_000)], { compression });
    expect(bomb.length).toBeLessThan(50_000);
    expect(() => [...readRecords(bomb, { maxBytes: 400_000 })]).toThrow(/more than the 400000 bytes allowed/);
    if (compression === 'zstd' || compression === 'none') return;
    const old = new MessageSetBuilder({ magic: 1 });
    old.append(T, null, 'x'.repeat(500_000));
    const wrapper = old.seal({ compression });
    expect(() => [...readRecords(wrapper, { maxBytes: 400_000 })]).toThrow(/more than the 400000 bytes allowed/);
  });

  it('marks control batches and append time', () => {
    const marker = buildEndMarker({
      type: 'abort',
      producerId: 9n,
      producerEpoch: 1,
      coordinatorEpoch: 2,
      timestampMs: T,
    });
    const appended = batch(['a', 'b']);
    patchAppendTime(appended, T + 500);
    const [a, b, control] = [...readRecords(Buffer.concat([appended, marker]))];
    expect([a?.timestampMs, b?.timestampMs]).toEqual([T + 500, T + 500]);
    expect([a?.timestampType, control?.timestampType]).toEqual(['append', 'create']);
    expect([a?.batch.isControl, control?.batch.isControl, control?.batch.isTransactional]).toEqual([false, true, true]);
    expect(control && readControlRecord(control)).toEqual({ type: 'abort', coordinatorEpoch: 2 });
    expect(control?.sequence).toBe(-1);
  });

  it('refuses at once what no size can be', () => {
    const bad = batch(['x']);
    bad.writeInt32BE(-5, 8);
    expect(() => readRecords(bad)).toThrow(/size 7 is too small/);
  });
});

describe('sequences', () => {
  it('go from 2147483647 back to 0, and none stays none', () => {
    expect([0, 1, 2, 3].map((i) => sequenceAfter(2_147_483_646, i))).toEqual([2_147_483_646, 2_147_483_647, 0, 1]);
    expect(sequenceAfter(-1, 5)).toBe(-1);
    const read = [
      ...readRecords(batch(['a', 'b', 'c'], { producerId: 1n, producerEpoch: 0, baseSequence: 2 ** 31 - 2 })),
    ];
    expect(read.map((r) => r.sequence)).toEqual([2_147_483_646, 2_147_483_647, 0]);
  });
});
