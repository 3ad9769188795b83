import { describe, expect, it } from 'vitest';
import { bytes } from '../testing/bytes.ts';
import { BatchBuilder } from './batch-builder.ts';
import { BatchView } from './batch-view.ts';
import { buildEndMarker, readControlRecord } from './control-record.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import { patchAppendTime, patchBaseOffset, patchProducer } from './patch.ts';
import type { HeaderInput } from './record.ts';
import { batchesOf } from './records.ts';

// The worked example of the protocol notes: two records, a key with a header, and nulls.
const GOLDEN = bytes`
  0000000000000000 00000048 ffffffff 02 f7016a82 0000 00000001
  0000018bcfe56800 0000018bcfe56805 ffffffffffffffff ffff ffffffff 00000002
  18 00 00 00 02 6b 02 76 02 02 68 02 78
  12 00 0a 02 01 00 02 02 6e 01
`;
const COMMIT = bytes`
  0000000000000009 00000042 00000005 02 ad68175d 0030 00000000
  0000018bcfe56800 0000018bcfe56800 0000000000000fa0 0002 ffffffff 00000001
  20 00 00 00 08 00000001 0c 000000000003 00
`;
const T = 1_700_000_000_000;

function golden(): BatchBuilder {
  const builder = new BatchBuilder();
  builder.append(T, 'k', Buffer.from('v'), [['h', 'x']]);
  builder.append(T + 5, null, '', [['n', null]]);
  return builder;
}

function onlyBatch(records: Buffer): BatchView {
  const batches = [...batchesOf(records)];
  const [batch] = batches;
  if (!(batch instanceof BatchView) || batches.length !== 1) throw new TypeError('expected one batch of magic 2');
  return batch;
}

function plain(batch: BatchView): object[] {
  return [...batch.records()].map((r) => ({
    offset: r.offset,
    timestampMs: r.timestampMs,
    key: r.key?.toString() ?? null,
    value: r.value?.toString() ?? null,
    headers: r.headers.map(([name, value]) => [name, value?.toString() ?? null]),
  }));
}

/** Rewrites the checksum, so that only the change under test is wrong. */
function resealed(change: (batch: Buffer) => void): Buffer {
  const batch = Buffer.from(GOLDEN);
  change(batch);
  patchProducer(batch, { producerId: -1n, producerEpoch: -1, baseSequence: -1 });
  return batch;
}

describe('text in records', () => {
  it('names of headers that are not UTF-8 are kept, and written again as the same bytes', () => {
    const builder = new BatchBuilder();
    builder.append(0, null, null, [['plain', null]]);
    const bytes = Buffer.from(builder.seal());
    bytes[bytes.indexOf('lain')] = 0xff;
    const [record] = BatchView.at(bytes).records();
    expect(record?.headers).toEqual([['p\udcffain', null]]);
    const again = new BatchBuilder();
    again.append(0, null, null, record?.headers);
    expect(again.seal().subarray(61)).toEqual(bytes.subarray(61));
  });

  it('text that no bytes can say is refused before anything is written', () => {
    const builder = new BatchBuilder();
    expect(() => builder.append(0, 'half \ud83d', null)).toThrow(TypeError);
    expect(() => builder.append(0, null, null, [['\ud83d', null]])).toThrow(TypeError);
    expect(builder.count).toBe(0);
    expect(builder.append(0, 'naïve', '🚀')).toBe(0);
  });
});

describe('BatchBuilder', () => {
  it('writes the bytes of the worked example', () => {
    expect(golden().seal().toString('hex')).toBe(GOLDEN.toString('hex'));
  });

  it('says before each append what the size will be after it, exactly', () => {
    const builder = new BatchBuilder({ capacity: 1 });
    const headers: HeaderInput[] = [
      ['ü', Buffer.from('wert')],
      ['', null],
    ];
    for (let i = 0; i < 200; i++) {
      const key = i % 3 ? 'ключ'.repeat(i) : null;
      const value = Buffer.alloc(i * 7, i);
      const size = builder.sizeAfter(T - i * 1e9, key, value, headers);
      const bound = builder.sizeInBytes + BatchBuilder.sizeOf(Buffer.byteLength(key ?? ''), value.length, headers);
      expect(builder.append(T - i * 1e9, key, value, headers)).toBe(i);
      expect(builder.sizeInBytes).toBe(size);
      expect(size).toBeLessThanOrEqual(bound);
    }
    const batch = onlyBatch(builder.seal());
    expect(batch.sizeInBytes).toBe(builder.sizeInBytes);
    expect([...batch.records()].map((r) => r.timestampMs)).toEqual(Array.from({ length: 200 }, (_, i) => T - i * 1e9));
    expect(batch.maxTimestamp).toBe(T);
  });

  it('refuses a record that would exceed the bound, and writes nothing of it', () => {
    const builder = golden();
    const size = builder.sizeInBytes;
    const after = builder.sizeAfter(T, 'key', 'value');
    expect(builder.tryAppend(after - 1, T, 'key', 'value')).toBe(-1);
    expect([builder.count, builder.sizeInBytes]).toEqual([2, size]);
    expect(builder.tryAppend(after, T, 'key', 'value')).toBe(2);
  });

  it('writes strings as UTF-8, short and long, ASCII or not', () => {
    const texts = ['', 'a', 'a'.repeat(500), 'ü', '漢字🙂'.repeat(100), 'x\u0000y'];
    const builder = new BatchBuilder();
    for (const text of texts) builder.append(T, text, text, [[text, text]]);
    const read = [...onlyBatch(builder.seal()).records()];
    expect(read.map((r) => r.value?.toString())).toEqual(texts);
    expect(read.map((r) => r.headers[0]?.[0])).toEqual(texts);
  });

  it('compresses only when that makes the batch smaller', () => {
    const small = golden().seal({ compression: 'gzip' });
    expect(onlyBatch(small).codec).toBe('none');
    const builder = new BatchBuilder();
    for (let i = 0; i < 100; i++) builder.append(T + i, null, 'the same again');
    const packed = onlyBatch(builder.seal({ compression: 'gzip' }));
    packed.verify();
    expect(packed.codec).toBe('gzip');
    expect(packed.sizeInBytes).toBeLessThan(500);
    expect([...packed.records()].map((r) => r.timestampMs - T)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('takes nothing after the seal, and seals nothing empty', () => {
    const builder = golden();
    builder.seal();
    expect(() => builder.append(T, null, null)).toThrow(TypeError);
    expect(() => builder.seal()).toThrow(TypeError);
    expect(() => new BatchBuilder().seal()).toThrow(TypeError);
    expect(() => new BatchBuilder().append(0.5, null, null)).toThrow(RangeError);
  });

  it('gives a sealed batch a new producer state, so that it can be sent again', () => {
    const batch = golden().seal({ producerId: 7n, producerEpoch: 0, baseSequence: 10, transactional: true });
    patchProducer(batch, { producerId: 7n, producerEpoch: 1, baseSequence: 0 });
    const view = onlyBatch(batch);
    view.verify();
    expect([view.producerId, view.producerEpoch, view.baseSequence]).toEqual([7n, 1, 0]);
    expect([view.isTransactional, view.isControl]).toEqual([true, false]);
  });
});

describe('BatchView', () => {
  it('reads the worked example', () => {
    const batch = onlyBatch(GOLDEN);
    batch.verify();
    expect(plain(batch)).toEqual([
      { offset: 0n, timestampMs: T, key: 'k', value: 'v', headers: [['h', 'x']] },
      { offset: 1n, timestampMs: T + 5, key: null, value: '', headers: [['n', null]] },
    ]);
    expect([batch.lastOffset, batch.producerId, batch.leaderEpoch]).toEqual([1n, -1n, -1]);
  });

  it('reads what a broker has patched: offsets outside the checksum, append time inside', () => {
    const batch = Buffer.from(GOLDEN);
    patchBaseOffset(batch, 5_000_000_000n, 3);
    onlyBatch(batch).verify();
    patchAppendTime(batch, T + 99);
    const view = onlyBatch(batch);
    view.verify();
    expect([view.leaderEpoch, view.timestampType, view.lastOffset]).toEqual([3, 'append', 5_000_000_001n]);
    expect([...view.records()].map((r) => [r.offset, r.timestampMs])).toEqual([
      [5_000_000_000n, T + 99],
      [5_000_000_001n, T + 99],
    ]);
  });

  it('finds every changed byte behind the checksum', () => {
    for (let at = 17; at < GOLDEN.length; at++) {
      const changed = Buffer.from(GOLDEN);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      expect(() => onlyBatch(changed).verify(), `byte ${at}`).toThrow(CorruptBatchError);
    }
  });

  it('throws nothing but CorruptBatchError, however the records are broken', () => {
    for (let at = 57; at < GOLDEN.length; at++) {
      for (const byte of [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff]) {
        const batch = Buffer.from(GOLDEN);
        batch[at] = byte;
        try {
          plain(onlyBatch(batch));
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptBatchError);
        }
      }
    }
  });

  it.each([
    ['a record longer than the batch', (b: Buffer) => b.writeUInt8(0x7e, 61)],
    ['a key longer than its record', (b: Buffer) => b.writeUInt8(0x7e, 65)],
    ['a count above the records', (b: Buffer) => b.writeInt32BE(3, 57)],
    ['a count below the records', (b: Buffer) => b.writeInt32BE(1, 57)],
    ['a negative count', (b: Buffer) => b.writeInt32BE(-1, 57)],
    ['an unknown codec', (b: Buffer) => b.writeInt16BE(6, 21)],
    ['bytes that are not gzip', (b: Buffer) => b.writeInt16BE(1, 21)],
  ])('refuses %s', (_, change) => {
    const batch = onlyBatch(resealed(change));
    batch.verify();
    expect(() => plain(batch)).toThrow(CorruptBatchError);
  });

  it('keeps the last offset of a batch that compaction has emptied', () => {
    const empty = resealed((b) => {
      b.writeInt32BE(0, 57);
      b.writeInt32BE(49, 8);
      b.writeInt16BE(1, 21);
    }).subarray(0, 61);
    patchProducer(empty, { producerId: 1n, producerEpoch: 0, baseSequence: 0 });
    const batch = onlyBatch(empty);
    batch.verify();
    expect([[...batch.records()].length, batch.lastOffset]).toEqual([0, 1n]);
  });

  it('reads delete-horizon and other timestamps of any size without losing the record', () => {
    const builder = new BatchBuilder();
    for (const t of [2 ** 41, -1, 0, 2 ** 31, Number.MAX_SAFE_INTEGER]) builder.append(t, null, null);
    const times = [...onlyBatch(builder.seal()).records()].map((r) => r.timestampMs);
    expect(times).toEqual([2 ** 41, -1, 0, 2 ** 31, Number.MAX_SAFE_INTEGER]);
    const nanoseconds = resealed((b) => b.writeBigInt64BE(1_700_000_000_000_000_000n, 27));
    expect([...onlyBatch(nanoseconds).records()][0]?.timestampMs).toBeCloseTo(1.7e18, -4);
  });

  it('unpacks no more than it may', () => {
    const builder = new BatchBuilder();
    builder.append(T, null, Buffer.alloc(1_000_000));
    const batch = onlyBatch(builder.seal({ compression: 'gzip' }));
    expect(() => [...batch.records({ maxBytes: 999_999 })]).toThrow(/more than the 999999 bytes allowed/);
    expect([...batch.records({ maxBytes: 1_001_000 })]).toHaveLength(1);
  });
});

describe('batchesOf', () => {
  it('leaves out a partial last batch, wherever it is cut', () => {
    const two = Buffer.concat([GOLDEN, COMMIT]);
    for (let end = GOLDEN.length; end < two.length; end++) {
      expect([...batchesOf(two.subarray(0, end))]).toHaveLength(1);
    }
    expect([...batchesOf(two)].map((b) => b.baseOffset)).toEqual([0n, 9n]);
    expect([...batchesOf(Buffer.alloc(0))]).toEqual([]);
  });

  it('refuses sizes and magics that cannot be, naming the offset', () => {
    const size = Buffer.from(COMMIT);
    size.writeInt32BE(3, 8);
    expect(() => [...batchesOf(size)]).toThrow(/offset 9: size 15/);
    const magic = Buffer.from(COMMIT);
    magic[16] = 3;
    expect(() => [...batchesOf(magic)]).toThrow(/offset 9: unknown magic 3/);
  });
});

describe('control records', () => {
  it('are written and read as in the worked example', () => {
    const marker = buildEndMarker({
      type: 'commit',
      producerId: 4000n,
      producerEpoch: 2,
      coordinatorEpoch: 3,
      timestampMs: T,
      baseOffset: 9n,
      leaderEpoch: 5,
    });
    expect(marker.toString('hex')).toBe(COMMIT.toString('hex'));
    const batch = onlyBatch(COMMIT);
    batch.verify();
    expect([batch.isControl, batch.isTransactional, batch.producerId]).toEqual([true, true, 4000n]);
    expect([...batch.records()].map(readControlRecord)).toEqual([{ type: 'commit', coordinatorEpoch: 3 }]);
  });

  it('of an unknown kind keep their number', () => {
    const record = { offset: 1n, timestampMs: 0, key: bytes`0000 0002`, value: null, headers: [] };
    expect(readControlRecord(record)).toEqual({ type: 2, coordinatorEpoch: null });
    expect(() => readControlRecord({ ...record, key: bytes`0000` })).toThrow(CorruptBatchError);
  });
});
