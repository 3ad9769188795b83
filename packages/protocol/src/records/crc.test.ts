import { crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32 } from './crc32.ts';
import { crc32c } from './crc32c.ts';
import { murmur2 } from './murmur2.ts';

const CHECK = Buffer.from('123456789');
const LONG = Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 131 + 7) & 0xff));

describe('checksums', () => {
  it('give the published check values', () => {
    expect(crc32(CHECK)).toBe(0xcbf43926);
    expect(crc32c(CHECK)).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa); // RFC 3720, B.4
    expect(crc32c(Buffer.alloc(32, 0xff))).toBe(0x62a8ab43);
    expect(crc32c(Buffer.alloc(0))).toBe(0);
  });

  it('agree with zlib at every length and start', () => {
    for (let start = 0; start < 20; start++) {
      for (let end = start; end < LONG.length; end += 3) {
        expect(crc32(LONG, start, end)).toBe(zlibCrc32(LONG.subarray(start, end)));
      }
    }
  });

  it('take 16 bytes a step as they would take them one by one', () => {
    const byteByByte = (bytes: Buffer) => {
      let crc = -1;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
      }
      return (crc ^ -1) >>> 0;
    };
    for (let end = 0; end < 70; end++) expect(crc32c(LONG, 0, end)).toBe(byteByByte(LONG.subarray(0, end)));
  });
});

describe('murmur2', () => {
  it.each([
    ['', 275646681],
    ['4', 1514888353],
    ['34', -2026295078],
    ['234', -406844982],
    ['1234', -1614185708],
    ['kafka', -798503068],
  ])('hashes %j as the Java client does', (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });
});
