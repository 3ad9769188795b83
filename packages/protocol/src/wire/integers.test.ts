import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readInt32, readNumber64, writeInt32, writeInt64, writeNumber64 } from './integers.ts';

const EDGES = [0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n]
  .flatMap((edge) => [edge, -edge])
  .concat(-(2n ** 63n));

/** The definition. */
function bytesOf(value: bigint): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeBigInt64BE(value, 1);
  return bytes;
}

function written(write: (target: Buffer) => void): Buffer {
  const target = Buffer.alloc(10);
  write(target);
  return target;
}

describe('a 64-bit integer', () => {
  it('has the bytes of the definition around each edge', () => {
    for (const value of EDGES) {
      expect(written((target) => writeInt64(target, 1, value))).toEqual(bytesOf(value));
    }
  });

  it('has the bytes of the definition, whatever it is', () => {
    const holds = fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      expect(written((target) => writeInt64(target, 1, value))).toEqual(bytesOf(value));
    });
    fc.assert(holds);
  });

  it('as a number has the bytes and the value of the definition while it is safe', () => {
    const holds = fc.property(fc.maxSafeInteger(), (value) => {
      expect(written((target) => writeNumber64(target, 1, value))).toEqual(bytesOf(BigInt(value)));
      expect(readNumber64(bytesOf(BigInt(value)), 1)).toBe(value);
    });
    fc.assert(holds);
    expect(readNumber64(bytesOf(2n ** 53n + 1n), 1)).toBe(2 ** 53);
  });

  it('that does not fit is refused', () => {
    expect(() => writeInt64(Buffer.alloc(8), 0, 2n ** 63n)).toThrow(RangeError);
    expect(() => writeInt64(Buffer.alloc(8), 0, -(2n ** 63n) - 1n)).toThrow(RangeError);
  });
});

describe('a 32-bit integer', () => {
  it('has the bytes and the value of the definition, whatever it is', () => {
    const holds = fc.property(fc.integer(), (value) => {
      const bytes = Buffer.alloc(6);
      bytes.writeInt32BE(value, 1);
      expect(readInt32(bytes, 1)).toBe(value);
      const target = Buffer.alloc(6);
      writeInt32(target, 1, value);
      expect(target).toEqual(bytes);
    });
    fc.assert(holds);
  });

  it('that does not fit is refused', () => {
    for (const value of [2 ** 31, -(2 ** 31) - 1, 2 ** 40, Number.POSITIVE_INFINITY]) {
      expect(() => writeInt32(Buffer.alloc(4), 0, value)).toThrow(RangeError);
    }
  });
});
