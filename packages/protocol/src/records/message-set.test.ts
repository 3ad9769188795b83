import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytes } from '../testing/bytes.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import { crc32 } from './crc32.ts';
import { batchesOf } from './records.ts';

interface Fields {
  magic: 0 | 1;
  offset: bigint;
  attributes?: number;
  timestamp?: bigint;
  key?: Buffer | null;
  value: Buffer | null;
}

function message({ magic, offset, attributes = 0, timestamp = 1000n, key = null, value }: Fields): Buffer {
  const size = (field: Buffer | null) => 4 + (field?.length ?? 0);
  const entry = Buffer.alloc(18 + 8 * magic + size(key) + size(value));
  entry.writeBigInt64BE(offset, 0);
  entry.writeInt32BE(entry.length - 12, 8);
  entry[16] = magic;
  entry[17] = attributes;
  if (magic === 1) entry.writeBigInt64BE(timestamp, 18);
  let at = 18 + 8 * magic;
  for (const field of [key, value]) {
    at = entry.writeInt32BE(field?.length ?? -1, at);
    if (field) at += field.copy(entry, at);
  }
  entry.writeUInt32BE(crc32(entry, 16), 12);
  return entry;
}

function wrapper(magic: 0 | 1, offset: bigint, inner: bigint[], fields: Partial<Fields> = {}): Buffer {
  const set = inner.map((at) => message({ magic, offset: at, timestamp: 10n + at, value: Buffer.from(`v${at}`) }));
  return message({ magic, offset, attributes: 1, value: gzipSync(Buffer.concat(set)), ...fields });
}

function offsetsOf(records: Buffer): bigint[] {
  return [...batchesOf(records)].flatMap((view) => {
    view.verify();
    const offsets = [...view.records()].map((record) => record.offset);
    expect([view.baseOffset, view.lastOffset]).toEqual([offsets[0], offsets.at(-1)]);
    return offsets;
  });
}

describe('message sets', () => {
  it('reads the worked example of magic 0', () => {
    const [view] = [...batchesOf(bytes`0000000000000000 00000010 1fecd70a 00 00 00000001 6b 00000001 76`)];
    view?.verify();
    const [record] = [...(view?.records() ?? [])];
    expect(record).toMatchObject({ offset: 0n, timestampMs: -1, key: Buffer.from('k'), value: Buffer.from('v') });
    expect(record?.headers).toEqual([]);
  });

  it('reads the worked example of magic 1: a raw snappy wrapper with the last offset', () => {
    const records = bytes`
      0000000000000029 00000060 a96b0b13 01 02 00000000000003e9 ffffffff 0000004a
      47f046000000000000000000000018adc0d6e9010000000000000003e80000000161000000013100000000000000010000001797c5821d01
      0000000000000003e9ffffffff0000000132`;
    const [view] = [...batchesOf(records)];
    view?.verify();
    expect([view?.baseOffset, view?.lastOffset, view?.magic]).toEqual([40n, 41n, 1]);
    expect(
      [...(view?.records() ?? [])].map((r) => [r.offset, r.timestampMs, r.key?.toString(), r.value?.toString()]),
    ).toEqual([
      [40n, 1000, 'a', '1'],
      [41n, 1001, undefined, '2'],
    ]);
  });

  it.each([
    ['absolute inside magic 0', wrapper(0, 12n, [10n, 11n, 12n]), [10n, 11n, 12n]],
    ['relative inside magic 1, with gaps from compaction', wrapper(1, 105n, [0n, 2n, 5n]), [100n, 102n, 105n]],
    ['from a wrapper at 0 (librdkafka)', wrapper(1, 0n, [0n, 1n, 2n]), [0n, 1n, 2n]],
    ["from KoP's first offset, magic 1", wrapper(1, 1n, [0n, 1n, 2n]), [1n, 2n, 3n]],
    ["from KoP's first offset, magic 0", wrapper(0, 7n, [0n, 1n, 2n]), [7n, 8n, 9n]],
  ])('takes inner offsets %s', (_, records, expected) => {
    expect(offsetsOf(records)).toEqual(expected);
  });

  it('gives every inner message the append time of its wrapper', () => {
    const [view] = [...batchesOf(wrapper(1, 1n, [0n, 1n], { attributes: 0x09, timestamp: 777n }))];
    expect(view?.timestampType).toBe('append');
    expect([...(view?.records() ?? [])].map((r) => r.timestampMs)).toEqual([777, 777]);
  });

  // Producers that wrapped their old messages in the new format wrote it, and Kafka's consumer reads it.
  it('reads messages of the other magic inside a wrapper: its own magic says what offsets mean', () => {
    const inside = (magic: 0 | 1, ...offsets: bigint[]): Buffer =>
      gzipSync(Buffer.concat(offsets.map((offset) => message({ magic, offset, timestamp: 5n, value: null }))));
    const read = (records: Buffer): unknown[] =>
      [...batchesOf(records)].flatMap((view) => [...view.records()].map((r) => [r.offset, r.timestampMs]));
    const fields = { offset: 7n, timestamp: 777n };
    const relative = [
      [6n, -1],
      [7n, -1],
    ];
    expect(read(message({ ...fields, magic: 1, attributes: 1, value: inside(0, 0n, 1n) }))).toEqual(relative);
    expect(read(message({ ...fields, magic: 1, attributes: 9, value: inside(0, 0n, 1n) }))).toEqual(relative);
    expect(read(message({ ...fields, magic: 0, attributes: 1, value: inside(1, 6n, 7n) }))).toEqual([
      [6n, 5],
      [7n, 5],
    ]);
  });

  it.each([
    ['a wrapper without a value', message({ magic: 1, offset: 3n, attributes: 1, value: null })],
    ['an empty wrapper', message({ magic: 1, offset: 3n, attributes: 1, value: gzipSync('') })],
    ['zstd, which these formats never had', message({ magic: 1, offset: 3n, attributes: 4, value: Buffer.from('x') })],
    [
      'compressed in compressed',
      message({ magic: 1, offset: 3n, attributes: 1, value: gzipSync(wrapper(1, 0n, [0n])) }),
    ],
    [
      'a cut inner message',
      message({ magic: 0, offset: 3n, attributes: 1, value: gzipSync(wrapper(0, 0n, [0n]).subarray(0, 30)) }),
    ],
  ])('refuses %s, naming the offset', (_, records) => {
    const read = () => [...batchesOf(records)].map((view) => [...view.records()]);
    expect(read).toThrow(CorruptBatchError);
    expect(read).toThrow(/offset 3/);
  });

  it('walks a message alone and those of a wrapper without objects', () => {
    const alone = message({ magic: 1, offset: 4n, value: Buffer.from('a') });
    for (const bytes of [alone, wrapper(1, 7n, [0n, 1n, 2n])]) {
      const [view] = [...batchesOf(bytes)];
      if (view === undefined) throw new Error('nothing to read');
      const walk = view.walk();
      for (const { offset, timestampMs, key, value, headers } of view.records()) {
        expect(walk.advance()).toBe(true);
        expect([walk.offset, walk.timestampMs, walk.key, walk.value, walk.headers]).toEqual([
          offset,
          timestampMs,
          key,
          value,
          headers,
        ]);
      }
      expect(walk.advance()).toBe(false);
    }
  });

  it('refuses a wrong checksum and lengths that do not add up', () => {
    const good = message({ magic: 1, offset: 3n, key: Buffer.from('key'), value: Buffer.from('value') });
    for (let at = 12; at < good.length; at++) {
      const changed = Buffer.from(good);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      expect(() => [...batchesOf(changed)].map((view) => view.verify()), `byte ${at}`).toThrow(CorruptBatchError);
    }
  });

  it('walks magic 0, 1 and 2 in one run of bytes', () => {
    const mixed = Buffer.concat([
      wrapper(0, 2n, [0n, 1n, 2n]),
      message({ magic: 1, offset: 3n, value: null }),
      wrapper(1, 6n, [0n, 2n]),
    ]);
    expect(offsetsOf(mixed)).toEqual([0n, 1n, 2n, 3n, 4n, 6n]);
  });
});
