import { describe, expect, it } from 'vitest';
import { bytes } from '../testing/bytes.ts';
import { Writer } from './writer.ts';

function written(flexible: boolean, write: (w: Writer) => void, capacity?: number): Buffer {
  const w = new Writer(flexible, capacity);
  write(w);
  const { length } = w;
  const out = w.toBuffer();
  expect(length).toBe(out.length);
  return out;
}

describe('a writer of primitives', () => {
  it('writes big-endian two-complement integers', () => {
    const out = written(false, (w) => {
      w.int8(-1);
      w.int16(-2);
      w.uint16(65534);
      w.int32(-3);
      w.uint32(4294967293);
      w.int64(-4n);
      w.float64(1.5);
      w.bool(true);
      w.bool(false);
    });
    expect(out).toEqual(bytes`ff fffe fffe fffffffd fffffffd fffffffffffffffc 3ff8000000000000 01 00`);
  });

  it('refuses a number that the field cannot hold', () => {
    const w = new Writer();
    expect(() => w.int8(128)).toThrow(RangeError);
    expect(() => w.int16(-32769)).toThrow(RangeError);
    expect(() => w.int32(2147483648)).toThrow(RangeError);
    expect(() => w.int64(2n ** 63n)).toThrow(RangeError);
    expect(() => w.uuid('short')).toThrow(RangeError);
  });

  it('writes lengths as the dialect demands', () => {
    const write = (w: Writer): void => {
      w.string('ä');
      w.nullableString(null);
      w.nullableString('');
      w.bytes(Buffer.from('b'));
      w.nullableBytes(null);
      w.array([1], (n) => w.int8(n));
      w.nullableArray(null, () => {});
    };
    expect(written(false, write)).toEqual(bytes`0002 c3a4  ffff  0000  00000001 'b'  ffffffff  00000001 01  ffffffff`);
    expect(written(true, write)).toEqual(bytes`03 c3a4  00  01  02 'b'  00  02 01  00`);
  });

  it('writes arrays of int32 like any other', () => {
    expect(written(false, (w) => w.int32s([1, -2]))).toEqual(bytes`00000002 00000001 fffffffe`);
    expect(written(true, (w) => w.int32s([1, -2]))).toEqual(bytes`03 00000001 fffffffe`);
    expect(written(true, (w) => w.int32s([]))).toEqual(bytes`01`);
    expect(() => new Writer().int32s([2 ** 31])).toThrow(RangeError);
  });

  it.each([false, true])('refuses a string above 32767 bytes, which Kafka never reads; flexible: %s', (flexible) => {
    expect(() => new Writer(flexible).string('x'.repeat(32768))).toThrow('string of 32768 bytes: at most 32767 fit');
    expect(written(flexible, (w) => w.string('x'.repeat(32767))).length).toBe((flexible ? 3 : 2) + 32767);
  });
});

describe('a writer that is called from plain JavaScript', () => {
  const integers = ['int8', 'int16', 'uint16', 'int32', 'uint32', 'unsignedVarint'] as const;
  const noIntegers: readonly unknown[] = [undefined, null, Number.NaN, 1.5, '7', true, 2 ** 40, -(2 ** 40), [1]];

  it.each(integers)('%s refuses what is no such integer, rather than to write another one', (type) => {
    for (const value of noIntegers) {
      const w = new Writer(true);
      expect(() => Reflect.apply(w[type], w, [value]), `${value}`).toThrow(RangeError);
    }
  });

  it('int64 takes a bigint and nothing else', () => {
    for (const value of [undefined, null, 5, 1.5, '7', true, []]) {
      const w = new Writer();
      expect(() => Reflect.apply(w.int64, w, [value]), `${value}`).toThrow(TypeError);
    }
  });

  it.each([
    ['float64', [undefined, null, '1', 1n, true]],
    ['bool', [undefined, null, 'false', 0, 1]],
    ['string', [undefined, null, 5, Buffer.from('ab'), ['ab']]],
    ['uuid', [undefined, null, 5, Buffer.alloc(16)]],
    [
      'bytes',
      [
        undefined,
        null,
        5,
        'ab',
        [1, 300],
        new Uint16Array([300]),
        new ArrayBuffer(2),
        new DataView(new ArrayBuffer(2)),
      ],
    ],
    ['raw', ['ab', [1, 300], new Uint16Array([300]), new ArrayBuffer(2)]],
    ['adopt', ['ab', [1, 300], new Uint16Array([300]), new ArrayBuffer(2)]],
  ] as const)('%s refuses values of other types', (type, values) => {
    for (const value of values) {
      const w = new Writer(true);
      expect(() => Reflect.apply(w[type], w, [value]), `${value}`).toThrow(/^(?!.*memory)/);
    }
  });

  it.each(['array', 'nullableArray', 'structs', 'int32s'] as const)('%s refuses what is no array', (type) => {
    for (const items of ['ab', new Set(['a']), new Map(), { length: 1 }, new Int32Array(1), undefined]) {
      const w = new Writer(true);
      expect(() => Reflect.apply(w[type], w, [items, (item: string) => w.string(item)]), `${items}`).toThrow(TypeError);
    }
  });

  it('a UUID whose last character says more than 128 bits do is refused', () => {
    const last = `${'A'.repeat(21)}B`;
    expect(() => new Writer().uuid(last)).toThrow(RangeError);
  });
});

describe('a writer of structs and tags', () => {
  it('closes each struct with an empty tag section in flexible versions only', () => {
    const write = (w: Writer): void => {
      w.structs([1, 2], (n) => w.int8(n));
      w.nullableStructs([3], (n) => w.int8(n));
      w.nullableStructs(null, () => {});
      w.tags();
    };
    expect(written(true, write)).toEqual(bytes`03 01 00 02 00  02 03 00  00  00`);
    expect(written(false, write)).toEqual(bytes`00000002 01 02  00000001 03  ffffffff`);
  });

  it('writes the tags that are given and leaves out those that are null', () => {
    const write = (w: Writer): void =>
      w.tags([0, (field) => field.int16(258)], null, [9, (field) => field.string('a')]);
    expect(written(true, write)).toEqual(bytes`02  00 02 0102  09 02 02 'a'`);
    expect(written(false, write)).toEqual(Buffer.alloc(0));
  });

  it('a struct with tags of its own, and structs inside it, has one tag section', () => {
    const out = written(true, (w) => {
      w.structs([1, 2], (n) => {
        w.structs([n], (inner) => w.int8(inner));
        w.tags([3, (field) => field.int8(n)]);
      });
    });
    expect(out).toEqual(bytes`03  02 01 00  01 03 01 01   02 02 00  01 03 01 02`);
  });

  it('a single struct has its tag section, and the one around it keeps its own', () => {
    const write = (w: Writer): void => w.structs([7], (n) => w.struct(n, (inner) => w.int8(inner)));
    expect(written(true, write)).toEqual(bytes`02  07 00  00`);
    expect(written(false, write)).toEqual(bytes`00000001 07`);
  });

  it('writes a nullable struct with its marker', () => {
    const out = written(true, (w) => {
      w.nullableStruct(7, (n) => w.int8(n));
      w.nullableStruct(null, () => {});
    });
    expect(out).toEqual(bytes`01 07 00  ff`);
  });
});

describe('the buffer of a writer', () => {
  it('grows from any capacity', () => {
    for (const capacity of [0, 1, 2, 7]) {
      const out = written(
        false,
        (w) => {
          for (let i = 0; i < 100; i++) w.int32(i);
          w.string('x'.repeat(1000));
        },
        capacity,
      );
      expect(out.length).toBe(400 + 2 + 1000);
      expect(out.readInt32BE(396)).toBe(99);
    }
  });

  it('takes large bytes by reference, between what was written before and after', () => {
    const large = Buffer.alloc(20_000, 7);
    const w = new Writer(false, 16);
    w.int32(1);
    w.bytes(large);
    w.int32(2);
    const chunks = w.chunks();
    expect(chunks.length).toBe(3);
    expect(chunks[1]?.buffer).toBe(large.buffer);
    expect(Buffer.concat(chunks)).toEqual(Buffer.concat([bytes`00000001 00004e20`, large, bytes`00000002`]));
  });

  it('a reserved place can be patched later, in the first chunk and after the last adopted buffer', () => {
    const w = new Writer(false, 4);
    const first = w.reserve();
    w.string('abc');
    w.adopt(Buffer.from('adopted'));
    const second = w.reserve();
    w.string('def');
    w.patchInt32(first, 17);
    w.patchInt32(second, 18);
    expect(w.toBuffer()).toEqual(bytes`00000011 0003 'abc' 'adopted' 00000012 0003 'def'`);
  });

  it('what was handed out does not change when more is written', () => {
    const w = new Writer(false, 64);
    w.int8(1);
    const [chunk] = w.chunks();
    w.int8(2);
    expect(chunk).toEqual(bytes`01`);
    expect(w.toBuffer()).toEqual(bytes`0102`);
  });

  it('text that UTF-8 cannot say is refused, not replaced', () => {
    expect(() => new Writer().string('half \ud83d a pair')).toThrow(TypeError);
    expect(() => new Writer(true).nullableString('\udc41')).toThrow(TypeError);
  });
});
