// Unpacking in steps: the same as at once, whoever else unpacks between two of them.
import { describe, expect, it } from 'vitest';
import type { Steps } from '../../steps.ts';
import { inSteps } from '../checksum-steps.ts';
import { crc32 } from '../crc32.ts';
import { crc32c } from '../crc32c.ts';
import { compress, compressionNames, decompress, decompressInSteps } from './index.ts';
import { unpackZstdSlowly } from './zstd.ts';

const MiB = 1024 * 1024;

/** How many steps it took, and the result. */
async function run<T>(steps: Steps<T>, between: () => unknown = () => undefined): Promise<[count: number, result: T]> {
  for (let count = 1; ; count++) {
    const { done, value } = steps.next();
    if (done) return [count, value];
    await value;
    between();
  }
}

/** Text that no codec makes one run of. */
function textOf(bytes: number): Buffer {
  const line = (i: number): string => `${i * 7919} and ${i % 13} then\n`;
  const lines = Array.from({ length: Math.ceil(bytes / 12) }, (_, i) => line(i));
  return Buffer.from(lines.join('')).subarray(0, bytes);
}

describe.each(compressionNames)('%s in steps', (codec) => {
  const sizes = [0, 1, 1000, MiB - 1, MiB, MiB + 1, 5 * MiB];

  it.each(sizes)('gives what unpacking at once gives: %d bytes', async (size) => {
    const content = textOf(size);
    const packed = compress(codec, content);
    const [, unpacked] = await run(decompressInSteps(codec, packed, 6 * MiB));
    expect(unpacked.equals(content)).toBe(true);
  });

  if (codec === 'none') return; // nothing is unpacked, so that nothing can go wrong or take long

  it('is refused above the limit, small or large', async () => {
    for (const size of [1000, 3 * MiB, 20 * MiB]) {
      const packed = compress(codec, Buffer.alloc(size));
      const [, unpacked] = await run(decompressInSteps(codec, packed, size));
      expect(unpacked.length).toBe(size);
      await expect(run(decompressInSteps(codec, packed, size - 1))).rejects.toThrow(`more than the ${size - 1} bytes`);
    }
  });

  it('is refused when it is broken, small or large', async () => {
    for (const size of [1000, 3 * MiB]) {
      const packed = compress(codec, textOf(size));
      const cut = packed.subarray(0, packed.length - 9);
      await expect(run(decompressInSteps(codec, cut, 4 * MiB))).rejects.toMatchObject({ code: 'CORRUPT_BATCH' });
      expect(() => decompress(codec, cut, 4 * MiB)).toThrow(expect.objectContaining({ code: 'CORRUPT_BATCH' }));
    }
  });

  it('lets others have their turn, who may unpack as well', async () => {
    const content = textOf(5 * MiB);
    const packed = compress(codec, content);
    const small = compress('zstd', textOf(1000));
    const [count, unpacked] = await run(decompressInSteps(codec, packed, 6 * MiB), () => {
      unpackZstdSlowly(small, 1000);
    });
    expect(unpacked.equals(content)).toBe(true);
    expect(count).toBeGreaterThan(1);
  });
});

it.each([
  ['CRC-32C', crc32c],
  ['CRC-32', crc32],
])('%s of many bytes is the same piece by piece', async (_, checksum) => {
  const bytes = textOf(3 * MiB + 5);
  const [count, sum] = await run(inSteps(checksum, bytes, 3, bytes.length - 1));
  expect(sum).toBe(checksum(bytes, 3, bytes.length - 1));
  expect(count).toBe(4);
});
