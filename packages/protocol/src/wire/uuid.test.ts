import { describe, expect, it } from 'vitest';
import { uuidFromBytes, uuidToBytes, ZERO_UUID } from './uuid.ts';

describe('uuid', () => {
  it('is 22 characters of base64url, as the tools of Kafka print it', () => {
    const bytes = Buffer.from('fbff00112233445566778899aabbccdd', 'hex');
    expect(uuidFromBytes(bytes)).toBe('-_8AESIzRFVmd4iZqrvM3Q');
    expect(uuidToBytes('-_8AESIzRFVmd4iZqrvM3Q')).toEqual(bytes);
  });

  it('the zero UUID is sixteen zero bytes', () => {
    expect(uuidToBytes(ZERO_UUID)).toEqual(Buffer.alloc(16));
    expect(uuidFromBytes(Buffer.alloc(16))).toBe(ZERO_UUID);
  });

  it.each(['', 'AAAA', 'AAAAAAAAAAAAAAAAAAAAAAAA', '00000000-0000-0000-0000-000000000000'])('%j is refused', (text) => {
    expect(() => uuidToBytes(text)).toThrow(RangeError);
  });
});
