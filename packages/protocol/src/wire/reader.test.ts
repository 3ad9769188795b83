import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import { bytes } from '../testing/bytes.ts';
import { Reader } from './reader.ts';

const classic = (data: Buffer): Reader => new Reader(data, false);
const flexible = (data: Buffer): Reader => new Reader(data, true);

describe('a reader of numbers', () => {
  it('reads big-endian two-complement integers', () => {
    const r = classic(bytes`ff fffe fffe fffffffd fffffffd fffffffffffffffc 3ff8000000000000 02 00`);
    expect([r.int8(), r.int16(), r.uint16(), r.int32(), r.uint32()]).toEqual([-1, -2, 65534, -3, 4294967293]);
    expect(r.int64()).toBe(-4n);
    expect(r.float64()).toBe(1.5);
    expect([r.bool(), r.bool()]).toEqual([true, false]);
    r.finish('numbers');
  });

  it.each([
    'int8',
    'int16',
    'uint16',
    'int32',
    'uint32',
    'int64',
    'float64',
    'bool',
    'uuid',
    'unsignedVarint',
    'string',
    'nullableString',
    'bytes',
    'nullableBytes',
  ] as const)('%s past the end is a ProtocolError', (primitive) => {
    for (const read of [classic, flexible]) {
      expect(() => read(Buffer.alloc(0))[primitive]()).toThrow(ProtocolError);
    }
  });

  it('stops at its own end, not at the end of the buffer', () => {
    const r = new Reader(bytes`0102030405060708`, false, 2, 5);
    expect(r.remaining).toBe(3);
    expect(() => r.int32()).toThrow('4 bytes needed, 3 left at byte 2');
    expect(r.int16()).toBe(0x0304);
  });

  it('reads an unsigned varint of five bytes and refuses a longer or larger one', () => {
    expect(flexible(bytes`ffffffff0f`).unsignedVarint()).toBe(0xffffffff);
    expect(flexible(bytes`8000`).unsignedVarint()).toBe(0);
    expect(() => flexible(bytes`ffffffff10`).unsignedVarint()).toThrow('varint longer than 32 bits');
    expect(() => flexible(bytes`808080808000`).unsignedVarint()).toThrow('varint longer than 32 bits');
  });
});

describe('a reader of strings and bytes', () => {
  it('takes an int16 or int32 length in classic versions, a varint one higher in flexible ones', () => {
    expect(classic(bytes`0003 'foo'`).string()).toBe('foo');
    expect(flexible(bytes`04 'foo'`).string()).toBe('foo');
    expect(classic(bytes`00000003 'foo'`).bytes()).toEqual(Buffer.from('foo'));
    expect(flexible(bytes`04 'foo'`).bytes()).toEqual(Buffer.from('foo'));
  });

  it('tells null from empty', () => {
    expect([classic(bytes`ffff`), flexible(bytes`00`)].map((r) => r.nullableString())).toEqual([null, null]);
    expect([classic(bytes`0000`), flexible(bytes`01`)].map((r) => r.nullableString())).toEqual(['', '']);
    expect([classic(bytes`ffffffff`), flexible(bytes`00`)].map((r) => r.nullableBytes())).toEqual([null, null]);
    expect(flexible(bytes`01`).nullableBytes()).toEqual(Buffer.alloc(0));
  });

  it('refuses null where the grammar has none', () => {
    expect(() => classic(bytes`ffff`).string()).toThrow('null where a string is required');
    expect(() => flexible(bytes`00`).string()).toThrow('null where a string is required');
    expect(() => classic(bytes`ffffffff`).bytes()).toThrow('null where bytes are required');
    expect(() => flexible(bytes`00`).array(() => 0)).toThrow('null where an array is required');
  });

  it('refuses a negative length other than that of null', () => {
    expect(() => classic(bytes`fffe`).nullableString()).toThrow('negative length -2');
    expect(() => classic(bytes`80000000`).nullableBytes()).toThrow('negative length -2147483648');
    expect(() => classic(bytes`fffffffe`).nullableArray(() => 0)).toThrow('negative length -2');
  });

  it('refuses a length above what remains instead of truncating', () => {
    expect(() => classic(bytes`7fff 'foo'`).string()).toThrow('32767 bytes needed, 3 left');
    expect(() => classic(bytes`7fffffff 'foo'`).bytes()).toThrow(ProtocolError);
    expect(() => flexible(bytes`ffffffff0f 'foo'`).string()).toThrow(ProtocolError);
    expect(() => flexible(bytes`ffffffff0f 'foo'`).bytes()).toThrow(ProtocolError);
  });

  it('refuses a string that Kafka would not write, in either dialect', () => {
    const long = Buffer.alloc(32768, 'x');
    const compact = Buffer.concat([bytes`818002`, long]);
    expect(() => flexible(compact).string()).toThrow('string of 32768 bytes: at most 32767');
    expect(() => flexible(compact).nullableString()).toThrow(ProtocolError);
    expect(flexible(Buffer.concat([bytes`808002`, long.subarray(1)])).string().length).toBe(32767);
  });

  it('hands out views, not copies', () => {
    const data = bytes`00000003 'foo'`;
    const view = classic(data).bytes();
    expect(view.buffer).toBe(data.buffer);
    expect(view.byteOffset).toBe(data.byteOffset + 4);
  });

  it.each([
    ['a lone continuation byte', bytes`80`],
    ['a sequence that breaks off', bytes`e282`],
    ['a byte too many for its value', bytes`c0af`],
    ['a surrogate', bytes`eda080`],
    ['a value above U+10FFFF', bytes`f4908080`],
  ])('refuses invalid UTF-8: %s', (_, invalid) => {
    const text = Buffer.concat([Buffer.from('a'), invalid]);
    expect(() => flexible(Buffer.concat([Buffer.from([text.length + 1]), text])).string()).toThrow('not valid UTF-8');
  });

  it('takes a replacement character that was really sent, and every other character', () => {
    const text = 'ä€𝄞\ufffd\u0000';
    const data = Buffer.from(text);
    expect(flexible(Buffer.concat([Buffer.from([data.length + 1]), data])).string()).toBe(text);
  });
});

describe('a reader of arrays', () => {
  it('reads arrays of primitives and of structs, each struct with its tag section', () => {
    const primitives = flexible(bytes`03 00000001 00000002`);
    expect(primitives.array(() => primitives.int32())).toEqual([1, 2]);
    const structs = flexible(bytes`03 01 00 02 00`);
    expect(structs.structs(() => structs.int8())).toEqual([1, 2]);
    structs.finish('structs');
    const old = classic(bytes`00000002 01 02`);
    expect(old.structs(() => old.int8())).toEqual([1, 2]);
    old.finish('structs');
  });

  it('reads arrays of int32 like any other', () => {
    expect(flexible(bytes`03 00000001 fffffffe`).int32s()).toEqual([1, -2]);
    expect(classic(bytes`00000002 00000001 fffffffe`).int32s()).toEqual([1, -2]);
    expect([classic(bytes`00000000`).int32s(), flexible(bytes`01`).int32s()]).toEqual([[], []]);
    expect(() => classic(bytes`ffffffff`).int32s()).toThrow('null where an array is required');
    expect(() => flexible(bytes`00`).int32s()).toThrow('null where an array is required');
    expect(() => classic(bytes`7fffffff 00000001`).int32s()).toThrow('array of 2147483647 announced, 4 bytes left');
    expect(() => flexible(bytes`03 00000001`).int32s()).toThrow('4 bytes needed, 0 left');
  });

  it('reads an array of thousands, for which memory is not taken at once', () => {
    const count = Buffer.alloc(4);
    count.writeInt32BE(5000);
    const data = Buffer.concat([count, Buffer.alloc(5000, 7)]);
    const r = classic(data);
    expect(r.array(() => r.int8())).toEqual(Array.from({ length: 5000 }, () => 7));
    r.finish('array');
  });

  it('reads the tag section once when the struct reads its own', () => {
    const seen: number[] = [];
    const r = flexible(bytes`03  02 01 00  01 00 01 07  02 05 00  01 00 01 09`);
    r.structs(() => {
      r.structs(() => r.int8());
      r.tags((tag, field) => {
        seen.push(tag, field.int8());
        return true;
      });
    });
    r.finish('structs');
    expect(seen).toEqual([0, 7, 0, 9]);
  });

  it('tells null from empty', () => {
    expect(classic(bytes`ffffffff`).nullableArray(() => 0)).toBeNull();
    expect(flexible(bytes`00`).nullableStructs(() => 0)).toBeNull();
    expect(classic(bytes`00000000`).nullableArray(() => 0)).toEqual([]);
    expect(flexible(bytes`01`).nullableStructs(() => 0)).toEqual([]);
  });

  it.each([
    ['classic, two thousand million', classic(bytes`7fffffff 01 02 03`)],
    ['flexible, four thousand million', flexible(bytes`ffffffff0f 01 02 03`)],
    ['one more than there are bytes', flexible(bytes`05 01 02 03`)],
  ])('refuses a hostile count before any element is read: %s', (_, r) => {
    let touched = 0;
    expect(() => r.structs(() => touched++)).toThrow(/^array of \d+ announced, 3 bytes left/);
    expect(touched).toBe(0);
  });

  it('a single struct has its tag section, and the one around it keeps its own', () => {
    const r = flexible(bytes`02  07 00  01 63 00  08`);
    expect(r.structs(() => r.struct(() => r.int8()))).toEqual([7]);
    expect(r.int8()).toBe(8);
    const old = classic(bytes`07`);
    expect(old.struct(() => old.int8())).toBe(7);
    old.finish('struct');
  });

  it('reads a nullable struct by its marker', () => {
    const r = flexible(bytes`01 07 00 ff`);
    expect(r.nullableStruct(() => r.int8())).toBe(7);
    expect(r.nullableStruct(() => r.int8())).toBeNull();
    expect(() => flexible(bytes`02`).nullableStruct(() => 0)).toThrow('marker of a nullable struct is 2, not -1 or 1');
  });
});

describe('a reader of tags', () => {
  it('reads nothing in classic versions', () => {
    const r = classic(bytes`0101`);
    r.tags();
    expect(r.position).toBe(0);
  });

  it('skips unknown tags and reads known ones', () => {
    const r = flexible(bytes`03  00 01 aa  05 02 0102  63 00`);
    const seen: number[] = [];
    r.tags((tag, field) => {
      if (tag === 5) seen.push(field.int16());
      return tag === 5;
    });
    r.finish('tags');
    expect(seen).toEqual([0x0102]);
  });

  it.each([
    ['a tag twice', bytes`02 01 00 01 00`, 'tag 1 after tag 1: tags must ascend'],
    ['tags that descend', bytes`02 05 00 01 00`, 'tag 1 after tag 5: tags must ascend'],
    ['a tag longer than the message', bytes`01 00 05 0102`, '5 bytes needed, 2 left'],
    ['a hostile number of tags', bytes`ffffffff0f`, '1 bytes needed, 0 left'],
  ])('refuses %s', (_, data, reason) => {
    expect(() => flexible(data).tags()).toThrow(reason);
    expect(() => flexible(data).tags()).toThrow(ProtocolError);
  });

  it('refuses a known tag that is longer or shorter than its field', () => {
    const read = (data: Buffer): void =>
      flexible(data).tags((_, field) => {
        field.int16();
        return true;
      });
    expect(() => read(bytes`01 00 03 010203`)).toThrow('tag 0: 1 bytes left over');
    expect(() => read(bytes`01 00 01 01 02 03`)).toThrow('2 bytes needed, 1 left');
  });
});

describe('the end of a message', () => {
  it('left-over bytes are an error that names the message', () => {
    expect(() => classic(bytes`00`).finish('Fetch v4 response')).toThrow(
      'Fetch v4 response: 1 bytes left over after the body',
    );
  });
});
