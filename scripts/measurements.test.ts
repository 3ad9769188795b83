import { describe, expect, it } from 'vitest';
import { percentile, sizeOf } from './measurements.ts';

describe('measurements', () => {
  it('a function is as long as from its first to its last line, its parts are measured too', () => {
    const text = `/** Doc comments are not part of it. */
export function outer(): void {
  const inner = () => {
    one();
  };
  const expression = () => inner();
}
class C {
  get x(): number { return 1; }
  method(): void {
  }
}
declare function overload(a: string): void;
`;
    const { functions, lines } = sizeOf({ path: 'x.ts', text });
    expect(lines).toBe(13);
    expect(functions).toEqual([
      { where: 'x.ts:2 outer', lines: 6 },
      { where: 'x.ts:3 function', lines: 3 },
      { where: 'x.ts:9 x', lines: 1 },
      { where: 'x.ts:10 method', lines: 2 },
    ]);
  });

  it('a comment line has nothing before the comment', () => {
    const text = `// one
code(); // none
/* two */
/**
 * four lines
   of comment
 */
code();
`;
    expect(sizeOf({ path: 'x.ts', text }).commentLines).toBe(6);
  });

  it('a percentile is a value that occurs', () => {
    expect([0.5, 0.9, 1].map((share) => percentile([5, 1, 2, 4, 3], share))).toEqual([3, 5, 5]);
    expect(percentile([], 0.5)).toBe(0);
  });
});
