// Every API in every version against real brokers, compared with the table in the repository.
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { because, placesFor } from '../harness/places.ts';
import { KAFKA_VERSIONS } from '../harness/releases.ts';
import { columnsOf } from './columns.ts';
import { documentOf } from './document.ts';
import { knownHole } from './known-holes.ts';
import { type Column, unvisited } from './matrix.ts';

const [place] = await placesFor(KAFKA_VERSIONS);
const lack = place.lacks('release');

describe('the probes', () => {
  it('leave no API out', () => {
    expect(unvisited()).toEqual([]);
  });
});

describe.skipIf(lack)(`real brokers${because(lack)}`, () => {
  let columns: readonly Column[];
  beforeAll(async () => {
    columns = await columnsOf(KAFKA_VERSIONS);
  });

  it.each(KAFKA_VERSIONS)('Kafka %s: every answer is read whole and written again as the same bytes', (version) => {
    const column = columns.find(({ broker }) => broker === `Kafka ${version}`);
    const failed = column?.cells.filter((cell) => !cell.isSameAgain && !knownHole(column.broker, cell)) ?? [];
    expect(failed.map(({ api, version: v, failure }) => `${api.name} v${v}: ${failure}`)).toEqual([]);
    expect(column?.cells.length).toBeGreaterThan(150);
  });

  it('the table in the repository says what they say (`pnpm matrix` writes it)', async () => {
    const written = await readFile(new URL('../../../packages/protocol/BROKERS.md', import.meta.url), 'utf8');
    expect(certain(documentOf(columns))).toBe(certain(written));
  });
});

/** Which errors are among the answers depends on how fast the broker spreads its own news. */
function certain(document: string): string {
  return document.replaceAll(/^- \w+ answers .*\n/gm, '');
}
