// Which lies there are: of each API that a subject uses, each field that was seen in an honest answer.
import { setTimeout as delay } from 'node:timers/promises';
import { cameTrue } from '../deadlines/until.ts';
import { mutationsOf, type Seen } from './mutation.ts';
import type { Subject } from './subjects.ts';
import type { Beginning, Cell } from './trial.ts';
import { Work } from './work.ts';
import { World } from './world.ts';

/** For all of it to have worked once, and then for what comes now and then. */
const FIRST_MS = 15_000;
const RECORDED_MS = 1_000;
const BEGINNINGS: readonly Beginning[] = ['at once', 'later'];

export async function cellsOf(subject: Subject): Promise<Cell[]> {
  const seen = await recorded(subject);
  return [...new Set(seen.map(({ api }) => api))].flatMap((api) => {
    const answers = seen.filter((one) => one.api === api).map(({ answer }) => answer);
    return mutationsOf(answers).flatMap((mutation) =>
      BEGINNINGS.map((beginning) => ({ subject, hostility: { api, mutation }, beginning })),
    );
  });
}

/** What a broker that is well answers to this subject. */
async function recorded(subject: Subject): Promise<Seen[]> {
  const seen: Seen[] = [];
  const world = await World.open(subject, (one) => seen.push(one));
  const work = new Work();
  subject.start(world.kafka, work);
  const worked = await cameTrue(() => [...work.settledWell().values()].every((count) => count > 0), FIRST_MS);
  if (!worked) throw new Error(`${subject.name}: it does not work with a broker that is well`);
  await delay(RECORDED_MS);
  const ended = work.ended(RECORDED_MS);
  await world.close();
  await ended;
  return seen;
}

export function nameOf({ subject, hostility: { api, mutation }, beginning }: Cell): string {
  return `${subject.name} | ${api.name} ${mutation.path.join('.')} = ${mutation.text} | ${beginning}`;
}
