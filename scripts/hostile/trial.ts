// One subject under one hostility: it works, the broker lies for a while, then tells the truth again, and all is closed.
import { setTimeout as delay } from 'node:timers/promises';
import { Leftovers } from '../deadlines/leftovers.ts';
import { pauses } from '../deadlines/pauses.ts';
import { cameTrue } from '../deadlines/until.ts';
import { type Subject, TOPIC } from './subjects.ts';
import { Work } from './work.ts';
import { type Hostility, World } from './world.ts';

/** `later`: all worked before. */
export type Beginning = 'at once' | 'later';

export interface Cell {
  readonly subject: Subject;
  readonly hostility: Hostility;
  readonly beginning: Beginning;
}

export interface Sample {
  readonly faults: readonly string[];
  /** Of the API that lied, in a second. */
  readonly requests: number;
  /** Of the slowest call, past its time. */
  readonly pastMs: number;
  /** Until all worked again; Infinity: it did not. */
  readonly recoveryMs: number;
  readonly outcomes: readonly string[];
}

const WARM_MS = 400;
/** The first answers make everybody ask again; what counts is what comes then. */
const SETTLE_MS = 500;
const COUNTED_MS = 1_000;
const MOST_REQUESTS = 20;
const MOST_PAST_MS = 100;
/** News that contradict what is known need five seconds to be believed. */
const RECOVERY_MS = 12_000;
const CLOSE_MS = 500;
const GRACE_MS = 300;
/** The caller has gone: nothing is asked any more. */
const GONE_MS = 100;

export function trial(cell: Cell): Promise<Sample> {
  const leftovers = new Leftovers();
  return leftovers.run(async () => {
    const world = await Leftovers.outside(() => World.open(cell.subject));
    try {
      return await measure(cell, world, leftovers);
    } finally {
      await world.close();
    }
  });
}

async function measure({ subject, hostility, beginning }: Cell, world: World, leftovers: Leftovers): Promise<Sample> {
  const work = new Work();
  if (beginning === 'at once') world.become(hostility);
  subject.start(world.kafka, work);
  if (beginning === 'later') await delay(WARM_MS);
  world.become(hostility);
  await delay(SETTLE_MS);
  const before = world.requestsOf(hostility.api);
  await delay(COUNTED_MS);
  const requests = world.requestsOf(hostility.api) - before;
  const outcomes = [...work.outcomes.keys()];
  const recoveryMs = await recovery(world, work);
  const faults = await closing(world, work, leftovers);
  if (requests > MOST_REQUESTS) faults.push(`${requests} ${hostility.api.name} requests in a second`);
  if (work.pastMs > MOST_PAST_MS) faults.push(`a call was ${Math.round(work.pastMs)} ms late`);
  if (recoveryMs === Infinity) faults.push(`nothing works ${RECOVERY_MS} ms after the broker is well again`);
  return { faults, requests, pastMs: Math.max(0, work.pastMs), recoveryMs, outcomes };
}

/** Each call that is made succeeds, and each loop gets what is written. */
async function recovery(world: World, work: Work): Promise<number> {
  world.becomeWell();
  const began = performance.now();
  const before = work.settledWell();
  const isWell = (): boolean => {
    const now = work.settledWell();
    return [...now].every(([name, count]) => count > (before.get(name) ?? 0));
  };
  const end = began + RECOVERY_MS;
  while (!isWell() && performance.now() < end) {
    for (const partition of [0, 1]) world.broker.append(TOPIC, [{ value: 'new' }], partition);
    await cameTrue(isWell, 100);
  }
  return isWell() ? performance.now() - began : Infinity;
}

async function closing(world: World, work: Work, leftovers: Leftovers): Promise<string[]> {
  const faults: string[] = [];
  const began = performance.now();
  const ended = work.ended(CLOSE_MS + 2_000);
  await world.kafka
    .close({ timeoutMs: CLOSE_MS })
    .catch((error: unknown) => void faults.push(`close: ${String(error)}`));
  const closedAt = performance.now();
  const pastMs = closedAt - began - CLOSE_MS - pauses.between(began, closedAt);
  if (pastMs > MOST_PAST_MS) faults.push(`close was ${Math.round(pastMs)} ms late`);
  if (!(await ended)) faults.push('a call or a loop has not ended after close');
  await cameTrue(() => leftovers.list().length === 0, GRACE_MS);
  const asked = world.allRequests;
  await delay(GONE_MS);
  if (world.allRequests > asked) faults.push(`${world.allRequests - asked} requests after close`);
  return [...faults, ...leftovers.list()];
}
