// Reading what the reference encoder makes (zstd 1.5, level 19): every form that the parts of a block have.
import zlib from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes } from '../../testing/bytes.ts';
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { unpackZstd, unpackZstdSlowly, zstd } from './zstd.ts';
import { packZstd } from './zstd-frame.ts';

const from64 = (text: string): Buffer => Buffer.from(text, 'base64');
const items = (count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, (_, i) => `{"id":${i * 7},"name":"n${i % 17}"}`).join(''));

/** Letters as often as in a text, in no order that repeats. */
function letters(size: number): Buffer {
  const alphabet = 'etaoinshrdlu etaoin eta et e';
  let state = 1;
  let text = '';
  while (text.length < size) {
    state = (state * 48271) % 2147483647;
    text += alphabet[(state >> 8) % alphabet.length];
  }
  return Buffer.from(text);
}

const FRAMES: [string, string, Buffer][] = [
  [
    'literals in four streams of Huffman codes',
    `KLUv/WAsAN0EAMbSJQ7QpQNSqduoQb0FQIOCAyAAIgAfAOOE+XCDwtX7bDS3TGn4y1N6RWlIqX+grLbF+ZKL9Kk6U+YIkF3ibgIDl+A4m4TBtz7o
     Qd02xgpKxmxgLGKxNR1gXq81oUtgJ3o2vWVqnwLQ34D6RYWu2ZfwpztCRKwSr0HcGFelNbNtviBFCH1Rwa1mR+XWQIKckXXDWgMmO2MadAIA`,
    letters(300),
  ],
  [
    'three blocks: Huffman codes used again, tables of their own for all codes',
    `KLUv/QBoLAYAIkwcE7AnHciDoqGHSdktpUwpJU/fwZUdjXjGOIdfLeJoHqGP/LWnHSS5T1YyJi0PohqplzzTcfK7pTrrTdMqY4WbIRuDVSeq2dw3
     Vcx2Qxkb7pO5ukHXaEKjU3MaQ/91daQ3ShRyKAIFwSA4FAAJFINCgQh2qBEw8vXf0FWWAxAUgbLYMYBJwrnQb4Ogajui9CNQh+pLSv0DVTw+m1MW
     oW3LqGmULHdfygr37a66YSsv8tPAc1Nt0i4AKuB54mG0GYEDuwq8BAAzShLtDD+4ulRtg1yDSog6M/8w3Ze1kbwhEeroFMdI8xn12skeutRlZxyj
     zMfUVzaVKPP+4zFaLJ1T3245UYZbHpox5/hvcbZr4hAGc6hQ5h7wDRGMEFB9G+ocqJ0VIGVWVhKGPNtrV0ctDC/dgKF6oFYCKUkXsfNtC8NL2Oxo
     rckMWZKuQxAn59k5wdfZ+WBCkSkkM+CArAQAY4oSrzGNYX+6utHCkciY1oc8yuG/ks3DLSLhdB+ZRzn4WsloPCfLW3O6ISPHV0UT2XicLNUSZzaE
     n/vltSZpslEZM2oQa04vb+qTJg53qCBoO9BXtgMRjCAkbi+7AQWXMfJb6u1RHAS0CzSG4lr4bC0GUjnm2jzW61GgY7JS2wZp/z3+yMbvF0mWUfp9
     Qk6BYkQAAQEBAAA=`,
    items(180),
  ],
  ['a block of one byte repeated', 'KLUv/aBADQMAVAAAEHh4AQD7/znAAgNqCHg=', Buffer.alloc(200_000, 'x')],
];

describe('zstd, reading', () => {
  it.each(FRAMES)('%s', (_, frame, content) => {
    expect(unpackZstdSlowly(from64(frame), content.length).equals(content)).toBe(true);
  });

  const native = 'zstdCompressSync' in zlib;
  it.skipIf(!native)(
    `whatever Node's own encoder makes${native ? '' : ' [skipped: this Node has no zstd encoder (22.15 and newer do)]'}`,
    () => {
      const pieces = fc.array(fc.oneof(fc.string({ maxLength: 200 }), fc.constantFrom('again and ', '0', '{"id":')), {
        maxLength: 200,
      });
      fc.assert(
        fc.property(pieces, fc.nat(300), (texts, times) => {
          const content = Buffer.from(`${texts.join('')}${'x'.repeat(times)}${texts.join(' ')}`);
          expect(unpackZstdSlowly(zstd(content), Math.max(content.length, 1)).equals(content)).toBe(true);
        }),
      );
    },
  );

  it.each(FRAMES)('no change of a byte makes anything but a value or a CorruptBatchError: %s', (_, text, content) => {
    const frame = from64(text);
    for (let at = 4; at < frame.length; at++) {
      for (const flip of [0x01, 0x10, 0x80, 0xff]) {
        const changed = Buffer.from(frame);
        changed[at] = (changed[at] ?? 0) ^ flip;
        try {
          expect(unpackZstdSlowly(changed, 2 * content.length).length).toBeLessThanOrEqual(2 * content.length);
        } catch (error) {
          expect(error, `byte ${at}`).toBeInstanceOf(CorruptBatchError);
        }
      }
    }
  });

  it.each([
    ['a block that nobody has defined', bytes`28b52ffd 20 01 070000`, /nobody has defined/],
    ['a dictionary', bytes`28b52ffd 21 01 01 010000`, /dictionary/],
    ['a reserved bit', bytes`28b52ffd 28 01 010000`, /reserved bit/],
    ['more than it announces', bytes`28b52ffd 20 01 110000 'ab'`, /1 bytes announced, 2 found/],
    ['a block of more than 128 KiB', bytes`28b52ffd 00 58 090010 'a'`, /block of 131073 bytes/],
    ['a match before its frame', Buffer.concat([packZstd(Buffer.from('before')), reachingBack()]), /bytes back/],
    ['Huffman codes that are not there', bytes`28b52ffd 20 01 1d0000 130000`, /before the first/],
  ])('refuses %s', (_, frame, message) => {
    expect(() => unpackZstdSlowly(frame, 1000)).toThrow(CorruptBatchError);
    expect(() => unpackZstdSlowly(frame, 1000)).toThrow(message);
  });
});

/** A frame whose first sequence copies from 5 bytes back, after 4 literals. */
function reachingBack(): Buffer {
  const frame = packZstd(Buffer.from('abcdefgh'.repeat(8)));
  const good = unpackZstdSlowly(frame, 64);
  for (let at = 9; at < frame.length; at++) {
    const changed = Buffer.from(frame);
    for (let bit = 1; bit < 256; bit *= 2) {
      changed[at] = (frame[at] ?? 0) ^ bit;
      try {
        expect(unpackZstdSlowly(changed, 64)).toHaveLength(good.length);
      } catch (error) {
        if (error instanceof CorruptBatchError && /bytes back/.test(error.message)) return changed;
      }
    }
  }
  throw new RangeError('no changed bit reaches back');
}

describe('zstd, whichever reader Node has', () => {
  const frame = packZstd(Buffer.from('abcdefgh'.repeat(100)));
  const skippable = bytes`502a4d18 03000000 aabbcc`;

  it('reads frame after frame, and skips what is to be skipped', () => {
    const content = unpackZstd(Buffer.concat([skippable, frame, frame]), 1600);
    expect(content.equals(Buffer.from('abcdefgh'.repeat(200)))).toBe(true);
  });

  it('refuses every frame that is cut, and whatever follows one that is no frame', () => {
    for (let length = 0; length < frame.length; length++) {
      expect(() => unpackZstd(frame.subarray(0, length), 1e6), `${length} bytes`).toThrow(CorruptBatchError);
    }
    expect(() => unpackZstd(Buffer.concat([frame, Buffer.from('what follows')]), 1e6)).toThrow(CorruptBatchError);
  });

  it('refuses more than the limit, and takes exactly so much', () => {
    expect(unpackZstd(frame, 800)).toHaveLength(800);
    expect(() => unpackZstd(frame, 799)).toThrow(/more than the 799 bytes/);
    expect(() => unpackZstd(packZstd(Buffer.alloc(5_000_000)), 1000)).toThrow(/more than the 1000 bytes/);
  });
});
