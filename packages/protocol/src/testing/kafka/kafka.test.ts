import { describe, expect, it } from 'vitest';
import { bytes } from '../bytes.ts';
import { Random } from '../random.ts';
import { type Definition, isIn, spanOf } from './definition.ts';
import { encodeByLayout } from './encode.ts';
import { inMemory } from './in-memory.ts';
import { absentFields, type Fields, layoutOf } from './layout.ts';
import { disagreements, type Sample } from './messages.ts';
import { randomMessage } from './random-message.ts';
import { unequal } from './unequal.ts';

const definition: Definition = {
  type: 'request',
  name: 'PaintRequest',
  validVersions: '0-3',
  flexibleVersions: '2+',
  fields: [
    { name: 'Wall', type: 'string', versions: '0+', nullableVersions: '1+' },
    { name: 'Coats', type: 'int16', versions: '1-2', default: '-1' },
    { name: 'Colours', type: '[]Colour', versions: '0+', fields: [{ name: 'Rgb', type: 'uint16', versions: '0+' }] },
    { name: 'Price', type: 'float64', versions: '2+', taggedVersions: '2+', tag: 1, default: '2.5' },
    { name: 'Brush', type: 'Brush', versions: '3+', nullableVersions: '3+', default: 'null' },
  ],
  commonStructs: [{ name: 'Brush', fields: [{ name: 'Id', type: 'uuid', versions: '3+' }] }],
};
const id = Buffer.alloc(16, 0xab).toString('base64url');
const message = { wall: 'é', coats: 2, colours: [{ rgb: 0xffff }], price: 1, brush: { id } };

const written = (version: number, values: Fields): Buffer => encodeByLayout(layoutOf(definition, version), values);

describe('a definition', () => {
  it.each([
    ['3', 3, [2, 4]],
    ['3-5', 4, [2, 6]],
    ['3+', 1000, [2]],
    ['none', undefined, [0]],
    [undefined, undefined, [0]],
  ])('spans versions: %s', (text, inside, outside) => {
    if (inside !== undefined) expect(isIn(inside, spanOf(text))).toBe(true);
    for (const version of outside) expect(isIn(version, spanOf(text))).toBe(false);
  });

  it('means these bytes', () => {
    expect(written(0, message)).toEqual(bytes`0002 c3a9 00000001 ffff`);
    expect(written(1, { ...message, wall: null })).toEqual(bytes`ffff 0002 00000001 ffff`);
    expect(written(2, message)).toEqual(bytes`03 c3a9 0002 02 ffff00 01 0108 3ff0000000000000`);
    expect(written(3, { ...message, price: 2.5 })).toEqual(
      bytes`03 c3a9 02 ffff00 01 abababababababababababababababab 00 00`,
    );
    expect(written(3, { ...message, price: 2.5, brush: null })).toEqual(bytes`03 c3a9 02 ffff00 ff 00`);
  });

  it('refuses null where it does not allow it', () => {
    expect(() => written(0, { ...message, wall: null })).toThrow('wall cannot be null');
  });

  it('says what is meant where a version lacks a field', () => {
    const memory = inMemory([definition]);
    expect(memory(0, { wall: 'w', colours: [] })).toEqual({
      wall: 'w',
      coats: -1,
      colours: [],
      price: 2.5,
      brush: null,
    });
    expect(() => memory(0, { walls: 'w' })).toThrow('not in the shape: walls');
  });
});

describe('random messages', () => {
  const layout = layoutOf(definition, 3);
  const many = Array.from({ length: 1000 }, (_, i) => randomMessage(layout, new Random(7, `#${i}`)));

  it('come again with seed and name, and with no other', () => {
    expect(randomMessage(layout, new Random(7, '#3'))).toEqual(many[3]);
    expect(randomMessage(layout, new Random(8, '#3'))).not.toEqual(many[3]);
    expect(randomMessage(layout, new Random(7, '#4'))).not.toEqual(many[3]);
  });

  it('have nulls, empty texts and lists, long texts, NaN, defaults and everything absent among them', () => {
    const some = (is: (values: Fields) => boolean): boolean => many.some(is);
    expect(some(({ wall }) => wall === null)).toBe(true);
    expect(some(({ wall }) => wall === '')).toBe(true);
    expect(some(({ wall }) => String(wall).length > 16_000)).toBe(true);
    expect(some(({ colours }) => Array.isArray(colours) && colours.length === 0)).toBe(true);
    expect(some(({ price }) => Number.isNaN(price))).toBe(true);
    expect(some(({ price }) => price === 2.5)).toBe(true);
    expect(some((values) => unequal(values, absentFields(layout)).length === 0)).toBe(true);
  });

  it('are written loosely with tags of default value and unknown ones', () => {
    const strict = encodeByLayout(layout, absentFields(layout));
    const loose = Array.from({ length: 20 }, (_, i) =>
      encodeByLayout(layout, absentFields(layout), new Random(i, 'loose')),
    );
    expect(loose.some((one) => one.length > strict.length + 10)).toBe(true);
    expect(loose.some((one) => one.equals(strict))).toBe(true);
  });
});

describe('a codec is found out', () => {
  const sample: Sample = {
    name: 's',
    version: 0,
    inMemory: { wall: 'w', coats: -1 },
    strict: bytes`0001 'w'`,
    loose: bytes`0001 'w' 00`,
  };
  const read = (): unknown => ({ wall: 'w', coats: -1 });
  const write = (): Buffer => sample.strict;

  it.each([
    ['that reads another value', { read: () => ({ wall: 'v', coats: -1 }), write }, 's: read .wall: "v", not "w"'],
    ['that reads another type', { read: () => ({ wall: 'w', coats: -1n }), write }, 's: read .coats: -1n, not -1'],
    ['that leaves a field out', { read: () => ({ wall: 'w' }), write }, 's: read .coats: undefined, not -1'],
    [
      'that has a field too many',
      { read: () => ({ wall: 'w', coats: -1, x: 1 }), write },
      's: read .x: 1, not undefined',
    ],
    ['that writes less', { read, write: () => bytes`0001` }, 's: written at byte 2 of 3 (ours 2): 0001, not 000177'],
    [
      'that writes more',
      { read, write: () => bytes`0001 'ww'` },
      's: written at byte 3 of 3 (ours 4): 00017777, not 000177',
    ],
    [
      'that throws',
      {
        read,
        write: () => {
          throw new TypeError('no');
        },
      },
      's: TypeError: no at 000177',
    ],
  ])('%s', (_, codec, difference) => {
    expect(disagreements(codec, sample)).toContain(difference);
  });

  it('that cannot read what others may write', () => {
    const reading = (data: Buffer): unknown => (data.equals(sample.strict) ? read() : { wall: 'w', coats: 0 });
    expect(disagreements({ read: reading, write }, sample)).toEqual(['s: read loosely .coats: 0, not -1']);
  });

  it('only when it is wrong', () => {
    expect(disagreements({ read, write }, sample)).toEqual([]);
  });
});
