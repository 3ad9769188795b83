import { describe, expect, it } from 'vitest';
import { BatchBuilder } from './batch-builder.ts';
import { BatchView } from './batch-view.ts';
import { HeaderNames } from './header-names.ts';

describe('names of headers', () => {
  it('are those of each record, whether or not the record before had the same', () => {
    const long = 'long'.repeat(20);
    const rows = [
      ['a', 'bb', 'a'],
      ['a', 'bb', 'ä'],
      ['b', 'bb'],
      [],
      [long, '', 'ö'],
      [long, '', 'ö'],
      ['a', 'b', 'o'],
      Array.from({ length: 100 }, (_, i) => `n${i}`),
      Array.from({ length: 100 }, (_, i) => `n${i}`),
    ];
    const builder = new BatchBuilder();
    for (const names of rows) {
      const headers = names.map((name): [string, string] => [name, 'v']);
      builder.append(0, null, null, headers);
    }
    const read = [...BatchView.at(builder.seal()).records()];
    expect(read.map(({ headers }) => headers.map(([name]) => name))).toEqual(rows);
    expect(read.map(({ headers }) => headers.map(([name]) => name)).reverse()).toEqual(rows.reverse());
  });

  it('that differ in one byte are different names', () => {
    const buffer = Buffer.from('name-1name-2');
    const names = new HeaderNames(buffer);
    expect([names.textAt(0, 6, 0), names.textAt(6, 6, 0), names.textAt(0, 6, 0)]).toEqual([
      'name-1',
      'name-2',
      'name-1',
    ]);
  });
});
