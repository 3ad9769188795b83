import { describe, expect, it } from 'vitest';
import { uuidFromBytes, uuidToBytes, writeUuid, ZERO_UUID } from './uuid.ts';

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

  it('is read and written in place', () => {
    for (const text of ['-_8AESIzRFVmd4iZqrvM3Q', ZERO_UUID, '-_8AESIzRFVmd4iZqrvM3Q==']) {
      const target = Buffer.alloc(20, 0xff);
      writeUuid(target, 2, text);
      expect(uuidFromBytes(target, 2)).toBe(text.slice(0, 22));
      expect(target.subarray(2, 18)).toEqual(uuidToBytes(text));
      expect([target[1], target[18]]).toEqual([0xff, 0xff]);
    }
  });

  it.each([
    '',
    'AAAA',
    'AAAAAAAAAAAAAAAAAAAAAAAA',
    '00000000-0000-0000-0000-000000000000',
    '-_8AESIzRFVmd4iZqrvM3!',
    '-_8AESIzRFVmd4iZqrvM3R',
    '-_8AESIzRFVmd4iZq rvM3Q',
  ])('%j is refused', (text) => {
    expect(() => uuidToBytes(text)).toThrow(RangeError);
    expect(() => writeUuid(Buffer.alloc(20), 2, text)).toThrow(RangeError);
  });
});
