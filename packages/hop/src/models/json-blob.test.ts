import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../formats/json/lossless.ts';
import { because, canonical, expectedOf, samplePath, samplesIn, samplesMissing, sha256 } from '../testing/samples.ts';
import { JSONBlob } from './json-blob.ts';

describe.skipIf(samplesMissing)(`JSONBlob over the shared samples (HOP-106)${because}`, () => {
  it.each([...samplesIn('json'), ...samplesIn('json-synthetic'), ...samplesIn('circular', /\.json$/)])(
    '%s has the canonical digest, and is written as Python writes it',
    async (file) => {
      const { canonical: digest, python_dumps_sha256: python } = expectedOf(file);
      const text = readFileSync(samplePath(file), 'utf8');
      expect(sha256(canonical(parseJson(text)))).toBe(Object(digest).sha256);
      expect(sha256((await JSONBlob.loadFile(samplePath(file))).toBytes())).toBe(python);
    },
  );
});

describe('JSONBlob', () => {
  it.each([
    ['{"b":1.50,"a":[1E5,-0]}', '{"b": 1.5, "a": [100000.0, 0]}'],
    ['12345678901234567890123', '12345678901234567890123'],
    ['1.0', '1.0'],
    ['-0.0', '-0.0'],
    ['{"2":1,"10":{"b":0,"1":2},"a":3,"1":4}', '{"2": 1, "10": {"b": 0, "1": 2}, "a": 3, "1": 4}'],
    ['{"a":1,"b":2,"a":3.0}', '{"a": 3.0, "b": 2}'],
    ['{"__proto__":{"a":1}}', '{"__proto__": {"a": 1}}'],
    ['"\u007f\u00e9\u{1f600}/"', '"\\u007f\\u00e9\\ud83d\\ude00/"'],
    ['[NaN,1e400,-Infinity]', '[NaN, Infinity, -Infinity]'],
  ])('prints %s as %s', (given, printed) => {
    expect(JSONBlob.load(given).toString()).toBe(printed);
  });

  it('keeps the digits of what was not changed when something else is', () => {
    const blob = JSONBlob.load('{"a":1.0,"b":2.0,"c":[3.0]}');
    Object.assign(Object(blob.content), { a: 1.5, d: 4 });
    expect(blob.serialize().content.toString()).toBe('{"a": 1.5, "b": 2.0, "c": [3.0], "d": 4}');
  });

  it.each(['', '{', '[1,]', '{"a" 1}', '01', '1 2', '"\t"', '"\\x"', '{a:1}', 'nul', '\ufeff1', '-', '[1', '+1', '.5'])(
    'refuses %j as JSON, naming line and column',
    (text) => {
      expect(() => JSONBlob.load(text)).toThrow(/not JSON: .*line 1, column \d+/);
    },
  );

  it('refuses text nested without end instead of overflowing', () => {
    expect(() => JSONBlob.load('['.repeat(100_000))).toThrow(/nested/);
  });

  it('refuses to send NaN and the infinities, naming the path', () => {
    expect(() => JSONBlob.load('{"x":[1,NaN]}').serialize()).toThrow(/\$\.x\[1\]/);
  });
});
