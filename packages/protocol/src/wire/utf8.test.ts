import { describe, expect, it } from 'vitest';
import { textOf } from './utf8.ts';

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
