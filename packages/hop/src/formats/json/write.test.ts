import { describe, expect, it } from 'vitest';
import { writeJson } from './lossless.ts';

describe('writeJson', () => {
  it.each([
    [0.1, '0.1'],
    [1e16, '1e+16'],
    [1e15, '1000000000000000'],
    [1e-5, '1e-05'],
    [5e-324, '5e-324'],
    [2n ** 70n, '1180591620717411303424'],
    [1.5e300, '1.5e+300'],
    [0.0001, '0.0001'],
    [123456.789, '123456.789'],
    ['\x7fé😀/', '"\\u007f\\u00e9\\ud83d\\ude00/"'],
  ])('writes %s as Python does (HOP-107)', (value, text) => {
    expect(writeJson(value)).toBe(text);
  });

  it('leaves out undefined members and honours toJSON', () => {
    expect(writeJson({ a: undefined, b: new Date(0), c: [undefined] })).toBe(
      '{"b": "1970-01-01T00:00:00.000Z", "c": [null]}',
    );
  });

  it.each([
    [{ a: Number.NaN }, '$.a'],
    [{ a: Buffer.from('x') }, '$.a'],
    [[new Map()], '$[0]'],
    [{ a: () => 1 }, '$.a'],
  ])('refuses what JSON cannot hold, naming path and type', (value, path) => {
    expect(() => writeJson(value)).toThrow(path);
  });

  it('refuses a value that contains itself', () => {
    const a: unknown[] = [];
    a.push(a);
    expect(() => writeJson(a)).toThrow(/contains itself/);
  });
});
