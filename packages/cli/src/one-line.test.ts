import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine } from './one-line.ts';

describe('a text as one line', () => {
  it('has the joint in place of breaks and the blanks around them', () => {
    expect(oneLine('first \n  second\r\n\n\tthird', '; ')).toBe('first; second; third');
  });

  it('is left as it is when it is one line', () => {
    expect(oneLine('  one  ', '; ')).toBe('  one  ');
  });

  it('never holds a break, whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r', '\t') }),
        (text) => !oneLine(text, ' ').includes('\n'),
      ),
    );
  });

  it.each([
    ['blanks without a break', ' '.repeat(2_000_000)],
    ['blanks and a break', `a${' '.repeat(2_000_000)}b\nc`],
    ['breaks', '\n'.repeat(2_000_000)],
  ])('takes linear time: %s', (_what, text) => {
    const start = performance.now();
    oneLine(text, '; ');
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
