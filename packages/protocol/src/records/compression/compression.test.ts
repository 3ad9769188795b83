import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytes } from '../../testing/bytes.ts';
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { compress, compressionNames, decompress } from './index.ts';
import { packZstd } from './zstd-frame.ts';

// 153,000 bytes: more than two LZ4 blocks and one zstd block. Packed by the reference tools lz4 1.9 and zstd 1.5.
const TEXT = Buffer.from('0123456789abcdef-'.repeat(9000));
const FF = (count: number) => 'ff'.repeat(count);
const PACKED = {
  'zstd with content size and checksum': 'KLUv/aSoVQIAzAAAiDAxMjM0NTY3ODlhYmNkZWYtAQDZ/ymfS0UAAAgyAQCk1Q6ER6ERgg==',
  'zstd of unknown size, window 8 MiB': 'KLUv/QRozAAAiDAxMjM0NTY3ODlhYmNkZWYtAQDZ/ymfS0UAAAABAKUV7RMIR6ERgg==',
};
/** `lz4 -B4 -BD --content-size`: blocks of 64 KiB that copy from the one before. */
const LINKED = bytes`
  04224d184c40a8550200000000003b1c010000ff02 '0123456789abcdef-' 1100 ${FF(256)} d7506465662d300a0100000f
  ${FF(258)} e85065662d303171000000ff0232333435363738396162636465662d30311100 ${FF(85)} d450636465662d00000000
  986521f2`;
/** `lz4 -B4 -BI -BX`: independent blocks, each with a checksum. */
const INDEPENDENT = bytes`
  04224d187440bd1c010000ff02 '0123456789abcdef-' 1100 ${FF(256)} d7506465662d307a729cc91c010000ff023132333435
  363738396162636465662d301100 ${FF(256)} d75065662d303112a3a78c71000000ff0232333435363738396162636465662d3031
  1100 ${FF(85)} d450636465662da613118a00000000986521f2`;

const from64 = (text: string) => Buffer.from(text, 'base64');
const snappyLiteral = (text: string) =>
  Buffer.concat([Buffer.from([text.length, (text.length - 1) << 2]), Buffer.from(text)]);
const sized = (block: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, block.length]), block]);
const XERIAL = bytes`82 'SNAPPY' 00 00000001 00000001`;

describe('gzip', () => {
  it('writes what it reads, and reads concatenated members as one', () => {
    expect(decompress('gzip', compress('gzip', TEXT), TEXT.length).equals(TEXT)).toBe(true);
    const members = Buffer.concat([gzipSync('one '), gzipSync('two')]);
    expect(decompress(1, members, 100).toString()).toBe('one two');
  });
});

describe('snappy', () => {
  it('reads a raw block: literals and copies, also overlapping ones', () => {
    const block = bytes`0e 0c 'abcd' 19 04 00 'X'`;
    expect(() => decompress('snappy', block, 100)).toThrow(/more bytes than announced/);
    const good = bytes`0f 0c 'abcd' 19 04 00 'X'`;
    expect(decompress('snappy', good, 100).toString()).toBe('abcdabcdabcdabX');
    const wide = bytes`0c 0c 'abcd' 0e 0400 0f 04000000`;
    expect(decompress('snappy', wide, 100).toString()).toBe('abcdabcdabcd');
  });

  it('reads long literals', () => {
    const text = 'x'.repeat(300);
    const block = Buffer.concat([bytes`ac02 f4 2b01`, Buffer.from(text)]);
    expect(decompress('snappy', block, 300).toString()).toBe(text);
  });

  it('reads the stream of Java clients, also one appended to another, whatever its version words', () => {
    const stream = Buffer.concat([XERIAL, sized(snappyLiteral('one ')), sized(snappyLiteral('two '))]);
    const odd = Buffer.from(stream);
    odd.writeInt32BE(9, 8);
    expect(decompress('snappy', stream, 100).toString()).toBe('one two ');
    expect(decompress('snappy', Buffer.concat([stream, odd]), 100).toString()).toBe('one two one two ');
    expect(decompress('snappy', XERIAL, 100)).toHaveLength(0);
  });

  it('does not allocate what is announced but cannot be there', () => {
    expect(() => decompress('snappy', bytes`ffffffff0f 00 'a'`, 2 ** 33)).toThrow(/too many/);
  });
});

describe('lz4', () => {
  it.each([
    ['linked blocks', LINKED],
    ['independent blocks with checksums', INDEPENDENT],
    ['a skippable frame in front', Buffer.concat([bytes`53 2a 4d 18 03000000 'abc'`, INDEPENDENT])],
  ])('reads %s', (_, packed) => {
    expect(decompress('lz4', packed, TEXT.length).equals(TEXT)).toBe(true);
  });

  it('reads frames one after the other, and blocks that were not compressed', () => {
    const frame = bytes`04224d18 60 40 82 03000080 'abc' 00000000`;
    expect(decompress('lz4', Buffer.concat([frame, frame]), 10).toString()).toBe('abcabc');
  });

  it('checks the header, except in magic 0, where Kafka 0.8 had it wrong', () => {
    const wrong = Buffer.from(INDEPENDENT);
    wrong[6] = 0;
    expect(() => decompress('lz4', wrong, TEXT.length)).toThrow(/frame header is wrong/);
    expect(decompress('lz4', wrong, TEXT.length, { brokenLz4Checksum: true })).toHaveLength(TEXT.length);
  });

  it('copies nothing from before its frame', () => {
    const frame = bytes`04224d18 60 40 82 03000080 'abc' 00000000`;
    const reaching = bytes`04224d18 60 40 82 04000000 10 'x' 0200 00000000`;
    expect(() => decompress('lz4', Buffer.concat([frame, reaching]), 100)).toThrow(/match from 2 bytes back/);
  });
});

describe('zstd', () => {
  it.each(Object.entries(PACKED))('reads a frame %s', (_, packed) => {
    expect(decompress('zstd', from64(packed), TEXT.length).equals(TEXT)).toBe(true);
  });

  it('reads frames one after the other, skippable ones between', () => {
    const frame = from64(PACKED['zstd of unknown size, window 8 MiB']);
    const frames = Buffer.concat([frame, bytes`50 2a 4d 18 03000000 'abc'`, frame]);
    expect(decompress('zstd', frames, 2 * TEXT.length).equals(Buffer.concat([TEXT, TEXT]))).toBe(true);
  });

  it('keeps no window, whatever a header asks for', () => {
    const huge = from64(PACKED['zstd of unknown size, window 8 MiB']);
    huge[5] = 0xa8; // 2 GiB
    const before = process.memoryUsage().arrayBuffers;
    expect(decompress('zstd', huge, 1_000_000).equals(TEXT)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8_000_000);
  });

  it('refuses a content size that is not what is there', () => {
    const frame = from64(PACKED['zstd with content size and checksum']);
    frame.writeUInt32LE(TEXT.length + 1, 5);
    const reading = () => decompress('zstd', frame, 1_000_000);
    expect(reading).toThrow(/bytes announced/);
  });
});

describe('a small batch', () => {
  // As Go's LZ4 writes it: blocks of up to 4 MiB.
  const wide = bytes`04224d18 60 70 73 03000080 'abc' 00000000`;
  it.each([
    ['LZ4 with blocks of 4 MiB', () => decompress('lz4', wide, 1e8)],
    ['zstd', () => decompress('zstd', packZstd(Buffer.from('abcdefgh'.repeat(8))), 1e8)],
    ['zstd of unknown size', () => decompress('zstd', from64(PACKED['zstd of unknown size, window 8 MiB']), 1e8)],
  ])('%s pins little more memory than it has bytes', (_, unpack) => {
    const unpacked = unpack();
    // Small buffers share slabs of 8 KiB.
    expect(unpacked.buffer.byteLength).toBeLessThanOrEqual(Math.max(2 * unpacked.length, Buffer.poolSize));
  });
});

const all = {
  gzip: gzipSync(TEXT),
  snappy: snappyLiteral('some text, long enough'),
  lz4: LINKED,
  zstd: from64(PACKED['zstd with content size and checksum']),
} as const;

describe.each(Object.entries(all))('every codec, here %s', (name, packed) => {
  const codec = name as keyof typeof all;
  const size = decompress(codec, packed, 1_000_000).length;

  it('unpacks up to the limit and not a byte more', () => {
    expect(decompress(codec, packed, size)).toHaveLength(size);
    expect(() => decompress(codec, packed, size - 1)).toThrow(/unpacks to more than|limit/);
  });

  it('refuses a cut or broken input, and never with another error', () => {
    expect(() => decompress(codec, Buffer.alloc(0), 100)).toThrow(CorruptBatchError);
    for (let end = 1; end < packed.length - 8; end++) {
      expect(() => decompress(codec, packed.subarray(0, end), 1_000_000), `cut at ${end}`).toThrow(CorruptBatchError);
    }
    for (let at = 0; at < packed.length; at++) {
      const changed = Buffer.from(packed);
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      try {
        expect(decompress(codec, changed, 1_000_000).length).toBeLessThanOrEqual(1_000_000);
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(CorruptBatchError);
      }
    }
  });
});

describe('codecs', () => {
  it('are refused when unknown', () => {
    expect(() => decompress(5, Buffer.alloc(1), 1)).toThrow(/unknown compression 5/);

    expect(() => Reflect.apply(compress, null, ['brotli', Buffer.alloc(1)])).toThrow(
      'no compression brotli; there are none, gzip, snappy, lz4, zstd',
    );
  });

  it('take plain Uint8Arrays', () => {
    const text = new Uint8Array(Buffer.from('hop '.repeat(20)));
    for (const name of compressionNames) {
      const packed = new Uint8Array(compress(name, text));
      expect(new Uint8Array(decompress(name, packed, 100)), name).toEqual(text);
    }
  });
});
