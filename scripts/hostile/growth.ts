// Errors for ever, of every API at once: does memory grow, do handles?
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Leftovers } from '../deadlines/leftovers.ts';
import { cellsOf, nameOf } from './cells.ts';
import type { Subject } from './subjects.ts';
import type { Cell } from './trial.ts';
import { Work } from './work.ts';
import { World } from './world.ts';

/** Of the time: by then all that is kept for good is there. */
const WARM_SHARE = 0.25;
/** Of one world with its broker, in the rest of the time: what the engine itself keeps is less. */
const MOST_GROWN_BYTES = 128 * 1024;
/** Codes that mean: ask again, here or elsewhere, or begin anew. */
const CODES = ['1', '3', '6', '7', '14', '15', '16', '22', '25', '27', '79', '89', '129'];

interface Held {
  readonly cell: Cell;
  readonly world: World;
  readonly work: Work;
  readonly leftovers: Leftovers;
}

/** @returns how many grew, or asked too often */
export async function growth(subjects: readonly Subject[], seconds: number): Promise<number> {
  const cells = (await Promise.all(subjects.map(cellsOf))).flat().filter(isErrorForEver);
  const held = await Promise.all(onePerApi(cells).map(begin));
  await delay(seconds * 1000 * WARM_SHARE);
  const before = await measured(held);
  const leftMs = seconds * 1000 * (1 - WARM_SHARE);
  await delay(leftMs);
  const after = await measured(held);
  const grown = (after.bytes - before.bytes) / held.length;
  for (const [index, { cell }] of held.entries()) {
    const rate = (((after.requests[index] ?? 0) - (before.requests[index] ?? 0)) * 1000) / leftMs;
    console.log(`${nameOf(cell)}: ${rate.toFixed(1)} requests/s, ${after.handles[index]} timers and sockets`);
  }
  const more = held.filter((_, at) => (after.handles[at] ?? 0) > (before.handles[at] ?? 0) + MOST_NEW_HANDLES);
  for (const { cell, leftovers } of more)
    console.log(`more handles: ${nameOf(cell)}\n  ${leftovers.list().join('\n  ')}`);
  console.log(
    `${held.length} worlds for ${seconds} s: ${Math.round(grown / 1024)} KiB more each, ${more.length} with more handles`,
  );
  await Promise.all(held.map(end));
  return more.length + (grown > MOST_GROWN_BYTES ? 1 : 0);
}

/** Connections and timers come and go: the fewest of several looks count. */
const LOOKS = 10;
const BETWEEN_LOOKS_MS = 100;
/** A socket and a timer for each connection that is not open all the time. */
const MOST_NEW_HANDLES = 8;

function isErrorForEver({ hostility: { mutation }, beginning }: Cell): boolean {
  return beginning === 'later' && mutation.path.at(-1) === 'errorCode' && CODES.includes(mutation.text);
}

/** For each API, several codes, each with another subject if there is one. */
function onePerApi(cells: readonly Cell[]): Cell[] {
  const chosen = new Map<string, Cell>();
  for (const [index, cell] of cells.entries()) {
    const key = `${cell.hostility.api.name} ${CODES.indexOf(cell.hostility.mutation.text) % 4}`;
    if (!chosen.has(key) || index % 7 === 0) chosen.set(key, cell);
  }
  return [...chosen.values()];
}

function begin(cell: Cell): Promise<Held> {
  const leftovers = new Leftovers();
  return leftovers.run(async () => {
    const world = await Leftovers.outside(() => World.open(cell.subject));
    const work = new Work();
    cell.subject.start(world.kafka, work);
    world.become(cell.hostility);
    return { cell, world, work, leftovers };
  });
}

async function end({ world, work }: Held): Promise<void> {
  const ended = work.ended(2_000);
  await world.close();
  await ended;
}

interface Measured {
  readonly bytes: number;
  readonly requests: readonly number[];
  readonly handles: readonly number[];
}

async function measured(held: readonly Held[]): Promise<Measured> {
  const handles = held.map(() => Infinity);
  for (let look = 0; look < LOOKS; look++) {
    for (const [index, { leftovers }] of held.entries()) {
      handles[index] = Math.min(handles[index] ?? Infinity, leftovers.list().length);
    }
    await delay(BETWEEN_LOOKS_MS);
  }
  collectGarbage();
  const requests = held.map(({ world }) => world.allRequests);
  return { bytes: process.memoryUsage().heapUsed, requests, handles };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}
