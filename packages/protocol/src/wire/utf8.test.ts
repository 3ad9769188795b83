import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptBytes, keptText, textOf } from './utf8.ts';

describe('text of bytes', () => {
  it('is what UTF-8 says, a real U+FFFD included', () => {
    const text = 'naïve – 日本 🚀 \ufffd';
    expect(textOf(Buffer.from(text))).toBe(text);
    expect(textOf(Buffer.from(`ab${text}cd`), 2, 2 + Buffer.byteLength(text))).toBe(text);
  });

  it.each(['c328', 'e28228', 'ff', 'edacbf', '61f09f'])('is null when the bytes are not UTF-8: %s', (hex) => {
    expect(textOf(Buffer.from(hex, 'hex'))).toBeNull();
  });
});

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

  it('has half a surrogate pair for each such byte, and characters for the others', () => {
    expect(keptText(Buffer.from('61ffc3a9c3', 'hex'))).toBe('a\udcffé\udcc3');
  });

  it('no other half of a pair becomes bytes', () => {
    for (const half of ['a\ud800', '\udc7f', 'x\udd00y']) expect(() => keptBytes(half)).toThrow(TypeError);
  });
});
