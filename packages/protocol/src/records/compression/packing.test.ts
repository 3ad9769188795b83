// What we compress: read back by us, and in the form that strangers expect. (Strangers themselves: the interop tests.)
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes } from '../../testing/bytes.ts';
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { type CompressionName, compress, decompress } from './index.ts';
import { xxh32 } from './xxh32.ts';
import { unpackZstd } from './zstd.ts';
import { packZstd } from './zstd-frame.ts';

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
/** Named ways to pack and to unpack: each codec, the variants, and the encoder for a Node without zstd. */
const ways: [string, (input: Buffer) => Buffer, CompressionName][] = [
  ...codecs.map((codec): (typeof ways)[number] => [codec, (input) => compress(codec, input), codec]),
  ['snappy in one block', (input) => compress('snappy', input, { rawSnappy: true }), 'snappy'],
  ['zstd by our own encoder', packZstd, 'zstd'],
];

/** Text that repeats pieces of itself at all distances, noise between them: what makes matches of every kind. */
const repetitive = fc
  .array(fc.record({ fresh: fc.uint8Array({ maxLength: 40 }), again: fc.nat(50), times: fc.nat(12) }), {
    maxLength: 60,
  })
  .map((steps) => {
    const pieces: Buffer[] = [];
    for (const { fresh, again, times } of steps) {
      pieces.push(Buffer.from(fresh));
      const piece = pieces[again % pieces.length] ?? Buffer.alloc(0);
      for (let i = 0; i < times; i++) pieces.push(piece);
    }
    return Buffer.concat(pieces);
  });
const noise = (size: number): Buffer => {
  const out = Buffer.alloc(size);
  for (let i = 0, state = 1; i < size; i++) {
    state = Math.imul(state, 48271) & 0x7fffffff;
    out[i] = state >>> 13;
  }
  return out;
};
const text = Buffer.from(Array.from({ length: 9000 }, (_, i) => `{"id":${i * 7},"name":"n${i % 97}"}`).join('\n'));
const large: [string, Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from('x')],
  ['thirteen bytes alike', Buffer.alloc(13, 'x')],
  ['a million zeros', Buffer.alloc(1_000_000)],
  ['noise', noise(300_000)],
  ['text', text],
  ['noise twice, 140,000 bytes apart', Buffer.concat([noise(140_000), noise(140_000)])],
  ['text around noise, exactly one zstd block', Buffer.concat([text.subarray(0, 65_536), noise(65_536)])],
  ['more than the 8 MiB of a window', Buffer.concat([text, Buffer.alloc(8_500_000, text.subarray(0, 5000)), text])],
];

describe.each(ways)('%s', (_, pack, codec) => {
  it('gives any bytes back', () => {
    fc.assert(
      fc.property(repetitive, (input) => {
        expect(decompress(codec, pack(input), Math.max(input.length, 1)).equals(input)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it.each(large)('gives back %s', (_, input) => {
    const packed = pack(input);
    expect(decompress(codec, packed, Math.max(input.length, 1)).equals(input)).toBe(true);
    // Java's gzip and ours agree on what does not compress: a few bytes for each block.
    expect(packed.length).toBeLessThan(input.length + input.length / 1000 + 64);
  });

  it('makes text smaller, except for none, and the same every time', () => {
    const packed = pack(text);
    if (codec !== 'none') expect(packed.length).toBeLessThan(text.length / 2);
    pack(noise(5000));
    expect(pack(text).equals(packed)).toBe(true);
  });
});

describe.each(ways.slice(1))('%s', (_, pack, codec) => {
  it('is refused when it unpacks beyond the limit, with little memory', () => {
    const bomb = pack(Buffer.alloc(64 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decompress(codec, bomb, 100_000)).toThrow(/more than the 100000 bytes allowed/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
  });
});

describe('framing', () => {
  it("snappy is the stream of Java's client: magic, two versions, then blocks with their length", () => {
    const packed = compress('snappy', Buffer.from('hello hello hello'));
    expect(packed.subarray(0, 16)).toEqual(bytes`82 'SNAPPY' 00 00000001 00000001`);
    expect(packed.readUInt32BE(16)).toBe(packed.length - 20);
    expect(compress('snappy', Buffer.from('abc'), { rawSnappy: true })).toEqual(bytes`03 08 'abc'`);
    const noise70k = compress('snappy', noise(70_000));
    expect(16 + 4 + noise70k.readUInt32BE(16)).toBeLessThan(40_000);
  });

  it("LZ4 is a frame of independent blocks of 64 KiB, as Java's reader requires", () => {
    const header = compress('lz4', text).subarray(0, 7);
    expect(header).toEqual(bytes`04224d18 60 40 82`);
    expect(compress('lz4', Buffer.from('abc'))).toEqual(bytes`04224d18 60 40 82 03000080 'abc' 00000000`);
  });

  it('LZ4 has the wrong header checksum of Kafka 0.8 on demand, which is read on demand only', () => {
    const packed = compress('lz4', text, { brokenLz4Checksum: true });
    expect(packed.subarray(0, 7)).toEqual(bytes`04224d18 60 40 1a`);
    expect(() => decompress('lz4', packed, text.length)).toThrow(/frame header is wrong/);
    expect(decompress('lz4', packed, text.length, { brokenLz4Checksum: true }).equals(text)).toBe(true);
  });

  it('zstd frames say how much is in them', () => {
    expect(packZstd(Buffer.from('abc'))).toEqual(bytes`28b52ffd a0 03000000 190000 'abc'`);
    const packed = packZstd(text);
    expect(packed.readUInt32LE(5)).toBe(text.length);
    expect(() => unpackZstd(packed, text.length - 1)).toThrow(/more than/);
  });
});

describe('checksums of LZ4', () => {
  it('are xxHash-32', () => {
    const known: [string, number][] = [
      ['', 0x02cc5d05],
      ['abc', 0x32d153ff],
      ['Nobody inspects the spammish repetition', 0xe2293b2f],
    ];
    for (const [input, hash] of known) expect(xxh32(Buffer.from(input))).toBe(hash);
  });

  // `lz4 -B4 -BI -BX --content-size` of 'abcabcabc…' by the reference tool's rules: block and content have checksums.
  const content = Buffer.from('abc'.repeat(20));
  const block = compress('lz4', content).subarray(11, -4);
  const header = bytes`7c 40 3c00000000000000`;
  const sum = (of: Buffer): Buffer => {
    const out = Buffer.alloc(4);
    out.writeUInt32LE(xxh32(of));
    return out;
  };
  const size = Buffer.from([block.length, 0, 0, 0]);
  const frame = (blockSum: Buffer, contentSum: Buffer, head = header): Buffer =>
    Buffer.concat([
      bytes`04224d18`,
      head,
      Buffer.from([(xxh32(head) >>> 8) & 0xff]),
      ...[size, block, blockSum, bytes`00000000`, contentSum],
    ]);
  const wrong = bytes`00000000`;

  it('of block and content are checked', () => {
    expect(decompress('lz4', frame(sum(block), sum(content)), 100).equals(content)).toBe(true);
    expect(() => decompress('lz4', frame(wrong, sum(content)), 100)).toThrow(/checksum of the block is wrong/);
    expect(() => decompress('lz4', frame(sum(block), wrong), 100)).toThrow(/checksum of the content is wrong/);
    expect(() => decompress('lz4', frame(sum(block), Buffer.alloc(0)), 100)).toThrow(/before the checksum/);
  });

  it('and a content size that is not what is there is refused', () => {
    const more = bytes`7c 40 3d00000000000000`;
    expect(() => decompress('lz4', frame(sum(block), sum(content), more), 100)).toThrow(/61 bytes announced, 60 found/);
    const far = bytes`7c 40 0000000001000000`;
    expect(() => decompress('lz4', frame(sum(block), sum(content), far), 100)).toThrow(CorruptBatchError);
  });
});
