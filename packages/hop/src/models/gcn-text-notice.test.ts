import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { because, expectedOf, samplePath, samplesIn, samplesMissing } from '../testing/samples.ts';
import { GCNTextNotice } from './gcn-text-notice.ts';

describe.skipIf(samplesMissing)(`GCNTextNotice over the shared samples (HOP-105)${because}`, () => {
  it.each([...samplesIn('text-notice'), ...samplesIn('text-notice-synthetic')])(
    '%s reads as hop 0.12 reads it',
    async (file) => {
      const notice = await GCNTextNotice.loadFile(samplePath(file));
      expect(notice.fields).toEqual(expectedOf(file).value.fields);
      expect(notice.serialize().content).toEqual(readFileSync(samplePath(file)));
    },
  );
});

describe('GCNTextNotice', () => {
  it('takes an indented line with a colon as a continuation in its entries', () => {
    const notice = new GCNTextNotice(Buffer.from('Title: X\nkey: b\n  continued: with colon\n'));
    expect(notice.entries).toEqual([
      ['Title', 'X'],
      ['key', 'b\ncontinued: with colon'],
    ]);
    expect(notice.fields).toEqual({ title: 'X', key: 'b', continued: 'with colon' });
  });
});
