import { describe, expect, it } from 'vitest';
import { composedIn, expressionsIn, faultOf, isProduct } from './regular-expressions.ts';

const file = (text: string): { path: string; text: string } => ({ path: 'a/b.ts', text });

describe('regular expressions', () => {
  it('are found with their place and flags, and not in texts and comments', () => {
    const text = "const a = '/x/';\n// /y/\nconst b = /a\\/[/]b/gi.test(a);\n";
    expect(expressionsIn(file(text))).toEqual([{ place: 'a/b.ts:3', source: 'a\\/[/]b', flags: 'gi' }]);
  });

  it('that are put together are found', () => {
    expect(composedIn(file('const a = new RegExp(b);\nRegExp(c);\n'))).toEqual(['a/b.ts:1', 'a/b.ts:2']);
  });

  it.each(['\\s*\\n\\s*', '(a|a)+b', 'a+$'])('that some text makes slow are at fault: %s', async (source) => {
    expect(await faultOf({ place: '', source, flags: '' })).toMatch(/polynomial|exponential/);
  });

  it.each(['^a+', '^[a-z]+:', '^(?:\\d{1,3})$'])('that are linear are not: %s', async (source) => {
    expect(await faultOf({ place: '', source, flags: '' })).toBe(null);
  });

  it('of tests may be slow', () => {
    expect(
      ['x/a.test.ts', 'x/testing/a.ts', 'x/testing.ts', 'x/a.ts'].filter((path) => isProduct({ path, text: '' })),
    ).toEqual(['x/a.ts']);
  });
});
