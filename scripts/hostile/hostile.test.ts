// A part of `pnpm hostile`, drawn from a seed: whatever error code an API answers with, for ever, nobody is asked more
// than twenty times a second, everything ends in its time, and works again afterwards. And does the tool see what is wrong?
import { Metadata } from '@hopwire/client';
import { beforeAll, describe, expect, it } from 'vitest';
import { ALL_TOPICS } from '../deadlines/requests.ts';
import { cellsOf, nameOf } from './cells.ts';
import { Runner } from './runner.ts';
import { type Subject, subjects } from './subjects.ts';
import type { Cell } from './trial.ts';

const AT_ONCE = 40;
/** Cells of each API beside those that make us ask again. */
const DRAWN = 8;
/** LEADER, COORDINATOR, MEMBER_ID_REQUIRED, REBOOTSTRAP_REQUIRED and others: here again, elsewhere, or anew. */
const ASK_AGAIN = ['1', '6', '7', '15', '16', '22', '25', '27', '79', '129'];
const APIS = [
  ...['Produce', 'Fetch', 'ListOffsets', 'Metadata', 'OffsetCommit', 'OffsetFetch', 'FindCoordinator', 'JoinGroup'],
  ...['Heartbeat', 'LeaveGroup', 'SyncGroup', 'SaslHandshake', 'ApiVersions', 'CreateTopics', 'DeleteTopics'],
  ...['InitProducerId', 'SaslAuthenticate', 'DescribeConfigs'],
];
const seed = Number(process.env.HOP_TEST_SEED ?? 1);

/** The same seed draws the same cells. */
function drawn(cells: readonly Cell[]): Cell[] {
  const codes = cells.filter(({ hostility: { mutation } }) => mutation.path.at(-1)?.endsWith('rrorCode'));
  const byTurn = (from: readonly Cell[], count: number, step: number): Cell[] =>
    Array.from({ length: Math.min(count, from.length) }, (_, i) => from[(seed * 31 + i * step) % from.length]).flatMap(
      (cell) => cell ?? [],
    );
  const again = ASK_AGAIN.flatMap((code) =>
    byTurn(
      codes.filter(({ hostility }) => hostility.mutation.text === code),
      1,
      1,
    ),
  );
  return [...again, ...byTurn(codes, DRAWN, 37)];
}

describe(`an error code for ever (HOP_TEST_SEED=${seed}) is asked about at most twenty times a second, in answers to`, () => {
  const runner = new Runner();
  const chosen = new Map<string, Cell[]>();
  beforeAll(async () => {
    const all = (await Promise.all(subjects.map(cellsOf))).flat();
    for (const name of APIS) chosen.set(name, drawn(all.filter(({ hostility }) => hostility.api.name === name)));
    await runner.run([...chosen.values()].flat(), AT_ONCE);
  }, 180_000);

  it.each(APIS)('%s', (name) => {
    const cells = chosen.get(name) ?? [];
    expect(cells.length).toBeGreaterThan(0);
    const faults = cells.flatMap((cell) => runner.faultsOf(cell).map((fault) => `${nameOf(cell)}: ${fault}`));
    expect(faults).toEqual([]);
  });
});

describe('the measurement sees', () => {
  const restless: Subject = {
    name: 'a user without pauses',
    start: (kafka, work) =>
      work.call('Metadata', async (waiting) => {
        const end = performance.now() + 100;
        while (performance.now() < end) await kafka.request(Metadata, ALL_TOPICS, waiting);
      }),
  };

  it('who asks without a pause', async () => {
    const [cell] = (await cellsOf(restless)).filter(({ hostility: { api } }) => api.name === Metadata.name);
    if (cell === undefined) throw new Error('nothing was asked');
    const runner = new Runner();
    await runner.run([cell], 1);
    expect(runner.faultsOf(cell)).toContainEqual(expect.stringMatching(/Metadata requests in a second/));
  });
});
