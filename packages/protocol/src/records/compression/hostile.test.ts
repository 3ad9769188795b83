// Small inputs that ask for much, and inputs that end where nothing may end.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytes } from '../../testing/bytes.ts';
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { decompress } from './index.ts';
import { unpackZstdSlowly } from './zstd.ts';
import { packZstd } from './zstd-frame.ts';

const XERIAL = bytes`82 'SNAPPY' 00 00000001 00000001`;

describe('snappy', () => {
  it('keeps nothing of each block: a stream of empty ones takes no more memory than it has bytes', () => {
    const empty = bytes`00000001 00`;
    const stream = Buffer.concat([XERIAL, Buffer.alloc(2_000_000 * empty.length, empty)]);
    const before = process.memoryUsage().heapUsed;
    expect(decompress('snappy', stream, 100).length).toBe(0);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(150e6);
  });

  it('copies nothing from the block before, and reads nothing of the one behind', () => {
    const literal = bytes`04 0c 'abcd'`;
    const copy = bytes`04 01 04`; // four bytes from four bytes back
    const cut = bytes`05 10 'abcd'`; // five bytes of literals announced
    for (const second of [copy, cut]) {
      const blocks = [literal, second, literal].map((block) =>
        Buffer.concat([bytes`000000`, Buffer.of(block.length), block]),
      );
      expect(() => decompress('snappy', Buffer.concat([XERIAL, ...blocks]), 100)).toThrow(CorruptBatchError);
    }
  });
});

describe('frames to be skipped', () => {
  const cut = [bytes`502a4d18 ffffff7f`, bytes`5f2a4d18 02000000 61`];

  it.each(['lz4', 'zstd'] as const)('of %s are refused when they are not all there', (codec) => {
    for (const frame of cut) expect(() => decompress(codec, frame, 100)).toThrow(CorruptBatchError);
    for (const frame of cut) expect(() => unpackZstdSlowly(frame, 100)).toThrow(CorruptBatchError);
    expect(decompress(codec, bytes`502a4d18 01000000 61`, 100).length).toBe(0);
  });
});

describe('zstd', () => {
  it('lets go of its input', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const size = 50_000_000;
    const skipped = Buffer.alloc(8 + size);
    skipped.writeUInt32LE(0x184d2a50);
    skipped.writeUInt32LE(size, 4);
    const input = Buffer.concat([
      skipped,
      packZstd(Buffer.from('literals as they are, and a match, literals as they are')),
    ]);
    collect();
    const before = process.memoryUsage().arrayBuffers;
    expect(unpackZstdSlowly(input, 100).length).toBe(55);
    // Buffers are swept beside the program: what a collection has found may be counted for a moment longer.
    const held = (): number => process.memoryUsage().arrayBuffers - before;
    for (let turn = 0; turn < 100 && held() >= size / 2; turn++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(held()).toBeLessThan(size / 2);
  });
});

describe('a limit of no bytes', () => {
  it('lets not even one through', () => {
    expect(() => decompress('gzip', gzipSync('x'), 0)).toThrow(/more than the 0 bytes allowed/);
    expect(decompress('gzip', gzipSync(''), 0).length).toBe(0);
  });
});
