import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  sizeOfUnsignedVarint,
  sizeOfVarint,
  sizeOfVarlong,
  writeUnsignedVarint,
  writeVarint,
  writeVarlong,
} from './varint.ts';

/** The definition, on bigint: groups of 7 bits, least significant first. */
function groups(value: bigint): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...out, Number(rest)]);
    out.push(Number(rest & 0x7fn) | 0x80);
  }
}

function zigzag(value: bigint): bigint {
  return value < 0n ? -2n * value - 1n : 2n * value;
}

function written(write: (target: Uint8Array, at: number, value: number) => number, value: number): Buffer {
  const target = Buffer.alloc(14);
  return target.subarray(2, write(target, 2, value));
}

describe('unsigned varint', () => {
  it.each([
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [16383, 'ff7f'],
    [16384, '808001'],
    [2097151, 'ffff7f'],
    [2097152, '80808001'],
    [268435455, 'ffffff7f'],
    [268435456, '8080808001'],
    [4294967295, 'ffffffff0f'],
  ])('%i is %s', (value, hex) => {
    expect(written(writeUnsignedVarint, value).toString('hex')).toBe(hex);
    expect(sizeOfUnsignedVarint(value)).toBe(hex.length / 2);
  });

  it('any value has the bytes and the size of the definition', () => {
    const holds = fc.property(fc.nat({ max: 0xffffffff }), (value) => {
      expect(written(writeUnsignedVarint, value)).toEqual(groups(BigInt(value)));
      expect(sizeOfUnsignedVarint(value)).toBe(groups(BigInt(value)).length);
    });
    fc.assert(holds);
  });
});

describe('zigzag varint', () => {
  it.each([
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [63, '7e'],
    [-64, '7f'],
    [64, '8001'],
    [2147483647, 'feffffff0f'],
    [-2147483648, 'ffffffff0f'],
  ])('%i is %s', (value, hex) => {
    expect(written(writeVarint, value).toString('hex')).toBe(hex);
    expect(written(writeVarlong, value).toString('hex')).toBe(hex);
    expect(sizeOfVarint(value)).toBe(hex.length / 2);
    expect(sizeOfVarlong(value)).toBe(hex.length / 2);
  });

  it('any 32-bit value has the bytes and the size of the definition', () => {
    const holds = fc.property(fc.integer(), (value) => {
      const defined = groups(zigzag(BigInt(value)));
      expect(written(writeVarint, value)).toEqual(defined);
      expect(sizeOfVarint(value)).toBe(defined.length);
    });
    fc.assert(holds);
  });
});

describe('zigzag varlong', () => {
  it('has the bytes and the size of the definition around each power of two', () => {
    const edges = Array.from({ length: 54 }, (_, bit) => 2 ** bit)
      .flatMap((power) => [power - 1, power, power + 1])
      .flatMap((value) => [value, -value])
      .filter(Number.isSafeInteger);
    for (const value of edges) {
      const defined = groups(zigzag(BigInt(value)));
      expect(written(writeVarlong, value), String(value)).toEqual(defined);
      expect(sizeOfVarlong(value), String(value)).toBe(defined.length);
    }
  });

  it('any safe integer has the bytes and the size of the definition', () => {
    const holds = fc.property(fc.maxSafeInteger(), (value) => {
      const defined = groups(zigzag(BigInt(value)));
      expect(written(writeVarlong, value)).toEqual(defined);
      expect(sizeOfVarlong(value)).toBe(defined.length);
    });
    fc.assert(holds);
  });
});
