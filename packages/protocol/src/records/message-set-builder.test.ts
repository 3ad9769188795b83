import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes } from '../testing/bytes.ts';
import { decompress } from './compression/index.ts';
import { MessageSetView } from './message-set.ts';
import { MessageSetBuilder, type MessageSetSealOptions } from './message-set-builder.ts';
import { readRecords } from './read-records.ts';
import { batchesOf } from './records.ts';

const codecs = ['none', 'gzip', 'snappy', 'lz4'] as const;
const T = 1_700_000_000_000;

function hundred(magic: 0 | 1): MessageSetBuilder {
  const builder = new MessageSetBuilder({ magic, capacity: 64 });
  for (let i = 0; i < 100; i++) builder.append(T + (i % 7), `key ${i}`, 'the same value again');
  return builder;
}

function only(records: Buffer): MessageSetView {
  const views = [...batchesOf(records)];
  const [view] = views;
  if (!(view instanceof MessageSetView) || views.length !== 1) throw new TypeError('expected one entry');
  view.verify();
  return view;
}

/** Offsets as they are written inside of a wrapper. */
function innerOffsets(view: MessageSetView): bigint[] {
  const wrapped = view.bytes.subarray(view.bytes.length - valueLength(view));
  const inside = decompress(view.codec, wrapped, 1e6, { brokenLz4Checksum: view.magic === 0 });
  return [...batchesOf(inside)].map((inner) => inner.baseOffset);
}

const valueLength = (view: MessageSetView): number => view.bytes.readInt32BE(18 + 8 * view.magic + 4);

const field = fc.option(fc.uint8Array({ maxLength: 60 }).map((b) => Buffer.from(b)));
const messages = fc.array(fc.record({ timestampMs: fc.integer({ min: -1, max: 2 ** 45 }), key: field, value: field }), {
  minLength: 1,
  maxLength: 40,
});

describe('MessageSetBuilder', () => {
  it('writes the worked example of magic 0', () => {
    const builder = new MessageSetBuilder({ magic: 0 });
    expect(builder.append(T, 'k', Buffer.from('v'))).toBe(0);
    expect(builder.seal()).toEqual(bytes`0000000000000000 00000010 1fecd70a 00 00 00000001 6b 00000001 76`);
  });

  it('writes time in magic 1, and null apart from empty', () => {
    const builder = new MessageSetBuilder({ magic: 1 });
    builder.append(1000, null, '');
    const set = builder.seal({ baseOffset: 7n });
    expect(set.subarray(0, 12)).toEqual(bytes`0000000000000007 00000016`);
    expect(set.subarray(16)).toEqual(bytes`01 00 00000000000003e8 ffffffff 00000000`);
  });

  it.each(([0, 1] as const).flatMap((magic) => codecs.map((codec) => [magic, codec] as const)))(
    'magic %i, %s: any messages are read back',
    (magic, compression) => {
      fc.assert(
        fc.property(messages, fc.bigInt({ min: 0n, max: 2n ** 60n }), (list, baseOffset) => {
          const builder = new MessageSetBuilder({ magic });
          for (const { timestampMs, key, value } of list) builder.append(timestampMs, key, value);
          expect(builder.count).toBe(list.length);
          const read = [...readRecords(builder.seal({ compression, baseOffset }))];
          expect(read.map(({ offset, timestampMs, key, value }) => ({ offset, timestampMs, key, value }))).toEqual(
            list.map(({ timestampMs, key, value }, i) => ({
              offset: baseOffset + BigInt(i),
              timestampMs: magic === 0 ? -1 : timestampMs,
              key,
              value,
            })),
          );
        }),
        { numRuns: 40 },
      );
    },
  );

  it.each(codecs.slice(1))(
    '%s: a wrapper has the last offset; inside, magic 0 counts from 0 and magic 1 too',
    (codec) => {
      const options: MessageSetSealOptions = { compression: codec, baseOffset: 1000n };
      const old = only(hundred(0).seal(options));
      expect([old.codec, old.wrapperOffset, old.baseOffset, old.lastOffset]).toEqual([codec, 1099n, 1000n, 1099n]);
      expect(innerOffsets(old).slice(0, 2)).toEqual([1000n, 1001n]);
      const relative = only(hundred(1).seal(options));
      expect([relative.wrapperOffset, relative.baseOffset, relative.lastOffset]).toEqual([1099n, 1000n, 1099n]);
      expect(innerOffsets(relative)).toEqual(Array.from({ length: 100 }, (_, i) => BigInt(i)));
    },
  );

  it('gives a wrapper of magic 1 the greatest time, unless the broker gave one: then that holds inside too', () => {
    const created = only(hundred(1).seal({ compression: 'gzip' }));
    expect(created.bytes.readBigInt64BE(18)).toBe(BigInt(T + 6));
    expect([...created.records()].slice(0, 8).map((r) => r.timestampMs - T)).toEqual([0, 1, 2, 3, 4, 5, 6, 0]);
    for (const compression of codecs) {
      const read = [...readRecords(hundred(1).seal({ compression, appendTimeMs: 5 }))];
      expect(new Set(read.map((r) => `${r.timestampType} ${r.timestampMs}`))).toEqual(new Set(['append 5']));
    }
  });

  it('LZ4 inside magic 0 has the wrong header checksum that its readers expect, inside magic 1 the right one', () => {
    const checksumOf = (view: MessageSetView) => view.bytes[view.bytes.length - valueLength(view) + 6];
    expect(checksumOf(only(hundred(0).seal({ compression: 'lz4' })))).toBe(0x1a);
    expect(checksumOf(only(hundred(1).seal({ compression: 'lz4' })))).toBe(0x82);
  });

  it('compresses only when that makes the set smaller', () => {
    const builder = new MessageSetBuilder({ magic: 1 });
    builder.append(T, 'k', 'v');
    expect(only(builder.seal({ compression: 'gzip' })).codec).toBe('none');
  });

  it('refuses what these formats never had', () => {
    const zstd = JSON.parse('{"compression":"zstd"}');
    expect(() => hundred(1).seal(zstd)).toThrow(/zstd needs batches of magic 2/);
    expect(() => hundred(0).seal({ appendTimeMs: 1 })).toThrow(/needs magic 1/);
    expect(() => new MessageSetBuilder(JSON.parse('{"magic":2}'))).toThrow(/have 0 or 1/);
    expect(() => hundred(1).append(0.5, null, null)).toThrow(RangeError);
  });

  it('takes nothing after the seal, and seals nothing empty', () => {
    const builder = hundred(0);
    expect(builder.sizeInBytes).toBeGreaterThan(100 * 26);
    builder.seal();
    expect(() => builder.seal()).toThrow(TypeError);
    expect(() => builder.append(T, null, null)).toThrow(TypeError);
    expect(() => new MessageSetBuilder({ magic: 1 }).seal()).toThrow(TypeError);
  });
});

describe('MessageSetView', () => {
  it('keeps to a limit stricter than that with which it was unpacked', () => {
    const view = only(hundred(1).seal({ compression: 'gzip' }));
    expect([...view.records()]).toHaveLength(100);
    expect(() => view.records({ maxBytes: 1000 })).toThrow(/more than the 1000 bytes allowed/);
    expect(() => only(hundred(1).seal({ compression: 'lz4' })).records({ maxBytes: 1000 })).toThrow(/offset 99/);
  });
});
