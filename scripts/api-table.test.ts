import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { withTable } from './api-table.ts';

it('the table of APIs in the README of the protocol package is what `pnpm api-table` writes', async () => {
  const readme = await readFile(new URL('../packages/protocol/README.md', import.meta.url), 'utf8');
  expect(readme).toContain('| 93 | StreamsGroupTopologyDescriptionUpdate | v0 | v0 |');
  expect(withTable(readme)).toBe(readme);
});
