import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptBytes, keptText, textOf } from './utf8.ts';

describe('text of bytes', () => {
  it('is what UTF-8 says, a real U+FFFD included', () => {
    const text = 'naïve – 日本 🚀 \ufffd';
    expect(textOf(Buffer.from(text))).toBe(text);
    expect(textOf(Buffer.from(`ab${text}cd`), 2, 2 + Buffer.byteLength(text))).toBe(text);
  });

  it.each(['c328', 'e28228', 'ff', 'edacbf', '61f09f', 'f4908080', 'e09fbf', 'f08fbfbf', 'c1bf', 'eda080'])(
    'is null when the bytes are not UTF-8: %s',
    (hex) => {
      expect(textOf(Buffer.from(hex, 'hex'))).toBeNull();
    },
  );
});

function isFine(decoder: InstanceType<typeof TextDecoder>, bytes: Buffer): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

describe('text that keeps what is not UTF-8', () => {
  it('comes back as the same bytes, whatever they are', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 6 }),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    );
    const any = fc.array(piece).map((pieces) => Buffer.concat(pieces));
    const holds = fc.property(any, (bytes) => {
      expect(keptBytes(keptText(bytes)).equals(bytes)).toBe(true);
    });
    fc.assert(holds);
  });

  it('agrees with the decoder of the platform on what is UTF-8, at every edge', () => {
    const edges = [
      0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
    ];
    const all = [...edges, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff];
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    for (const a of all) {
      for (const b of all) {
        for (const rest of [[], [0x80], [0xbf], [0x80, 0xbf], [0x41], [0x80, 0xc0]]) {
          const bytes = Buffer.from([a, b, ...rest]);
          const text = keptText(Buffer.concat([bytes, Buffer.of(0xff)]));
          const isText = !/[\udc80-\udcff]/u.test(text.slice(0, -1));
          expect(isText, bytes.toString('hex')).toBe(isFine(decoder, bytes));
        }
      }
    }
  });

  it('has half a surrogate pair for each such byte, and characters for the others', () => {
    expect(keptText(Buffer.from('61ffc3a9c3', 'hex'))).toBe('a\udcffé\udcc3');
  });

  it('of two mebibytes of bytes that are not UTF-8, or mostly, is there in no time, and back', () => {
    const size = 2 << 20;
    const some = Buffer.from('ab\xffc', 'latin1');
    for (const bytes of [
      Buffer.alloc(size, 0xff),
      Buffer.alloc(size, some),
      Buffer.concat([Buffer.alloc(size, 'ä'), some]),
    ]) {
      const start = performance.now();
      const text = keptText(bytes);
      expect(keptBytes(text).equals(bytes)).toBe(true);
      expect(performance.now() - start).toBeLessThan(1500);
    }
  });

  it('no other half of a pair becomes bytes', () => {
    for (const half of ['a\ud800', '\udc7f', 'x\udd00y']) expect(() => keptBytes(half)).toThrow(TypeError);
  });
});
