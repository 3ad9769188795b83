import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, parseMember, writeJson, writeMember } from './lossless.ts';
import { floatsOf } from './origin.ts';

/** Integers of any size as JSON.parse has them. */
const rounded = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);

describe('parseJson', () => {
  it('reads what JSON.parse reads, with any blanks between', () => {
    const blanks = fc.constantFrom(undefined, 1, '\t', '\n \r');
    fc.assert(
      fc.property(fc.jsonValue(), blanks, (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(JSON.stringify(parseJson(text), rounded)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('reads again what writeJson wrote, and then writes the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = writeJson(value);
        expect(writeMember(parseMember(text), 'value')).toBe(text);
      }),
    );
  });

  it('remembers of a float only what its value does not show', () => {
    const [fraction, whole] = Object(parseJson('[[0.5, 1e400, 1], [1.0, 2, 3e0]]'));
    expect(floatsOf(fraction)).toBeUndefined();
    expect([...(floatsOf(whole) ?? [])]).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it.each([
    ['[1.0, 2]', (array: number[]) => array.reverse(), '[2, 1]'],
    ['[1.0, 2]', (array: number[]) => array.push(1), '[1.0, 2, 1]'],
    ['{"a":1.0,"a":1}', () => undefined, '{"a": 1}'],
    ['{"a":1,"a":1.0}', () => undefined, '{"a": 1.0}'],
  ])('%s, changed, forgets the floats that were moved or replaced', (text, change, written) => {
    const content = parseJson(text);
    change(Object(content));
    expect(writeJson(content)).toBe(written);
  });

  it('leaves no trace of the origin on what it gives out', () => {
    const content = Object(parseJson('{"2":[1.0],"a":1.0,"1":0}'));
    expect(Reflect.ownKeys(content)).toEqual(['1', '2', 'a']);
    expect(structuredClone(content)).toEqual({ 1: 0, 2: [1], a: 1 });
    expect(writeJson(Object.freeze(content))).toBe('{"2": [1.0], "a": 1.0, "1": 0}');
  });
});
