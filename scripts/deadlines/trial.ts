// One measurement: the world is built, the calls are made and timed, everything is closed, and what is left is counted.
import { getEventListeners } from 'node:events';
import { Metadata } from '@hopwire/client';
import type { Cell } from './cell.ts';
import { Leftovers } from './leftovers.ts';
import { isImmediate, LIMIT_MS, Limit } from './limit.ts';
import { pauses } from './pauses.ts';
import { ALL_TOPICS } from './requests.ts';
import { Scene, type SceneOptions, TOPIC } from './scene.ts';
import { type Settling, settled } from './settling.ts';
import { cameTrue } from './until.ts';

/** For what was closed to be gone. */
const GRACE_MS = 300;

export interface Sample {
  /** Milliseconds past the deadline of the slowest of the calls. */
  readonly pastMs: number;
  /** The same of the close that follows every measurement, and of one that was under way. */
  readonly closePastMs: number;
  readonly leftBehind: readonly string[];
  readonly outcomes: readonly string[];
  readonly otherReasons: readonly string[];
  /** How long the process was not let run meanwhile. */
  readonly pausedMs: number;
}

export function trial(cell: Cell): Promise<Sample> {
  const leftovers = new Leftovers();
  return leftovers.run(async () => {
    const scene = await Scene.open(sceneOf(cell));
    try {
      cell.call.prepare?.(scene);
      await cell.state.enter?.(scene);
      return await measure(cell, scene, leftovers);
    } finally {
      await scene.dispose();
    }
  });
}

function sceneOf({ call, state, limit }: Cell): SceneOptions {
  const { scene } = state;
  const deliveryTimeoutMs = limit === 'deliveryTimeoutMs' ? LIMIT_MS : undefined;
  const requestTimeoutMs = limit === 'requestTimeoutMs' ? LIMIT_MS : undefined;
  return {
    ...scene,
    client: { requestTimeoutMs, ...scene.client },
    producer: { deliveryTimeoutMs, ...call.producer, ...scene.producer },
  };
}

async function measure(cell: Cell, scene: Scene, leftovers: Leftovers): Promise<Sample> {
  const began = performance.now();
  company(scene);
  const limit = new Limit(cell.limit);
  const { pastMs, outcomes, otherReasons } = await settled(cell.call.begin(scene, limit), limit);
  limit.cancel();
  const listeners = limit.signal ? getEventListeners(limit.signal, 'abort').length : 0;
  if (cell.state.holdsBodies) for (const loop of scene.loops) loop.release();
  const close = await closed(scene);
  const leftBehind = await whatIsLeft(scene, leftovers, keepsMembers(cell));
  if (listeners > 0) leftBehind.push(`${listeners} listener(s) of the signal`);
  return {
    pastMs,
    closePastMs: close.pastMs,
    leftBehind,
    outcomes,
    otherReasons,
    pausedMs: pauses.between(began, performance.now()),
  };
}

/** One of everything is under way beside the calls that are measured. */
function company(scene: Scene): void {
  const waiting = { timeoutMs: LIMIT_MS };
  const { kafka, producers, consumers, admin } = scene;
  scene.beside(
    ...producers.map((producer) => producer.send({ topic: TOPIC, value: 'beside' }, waiting)),
    ...consumers.map((consumer) => consumer.committed([{ topic: TOPIC, partition: 0 }], waiting)),
    admin.describeTopics([TOPIC], waiting),
    kafka.request(Metadata, ALL_TOPICS, waiting),
  );
}

async function closed(scene: Scene): Promise<Settling> {
  const before = scene.closing && (await settled([scene.closing.work], scene.closing));
  const after = await settled([scene.kafka.close({ timeoutMs: LIMIT_MS })], new Limit('timeoutMs'));
  return before && before.pastMs > after.pastMs ? before : after;
}

function keepsMembers({ call, state, limit }: Cell): boolean {
  return (state.keepsMembers ?? false) || ((call.leaves ?? false) && isImmediate(limit));
}

/** Everything that may take a moment to go has it. */
async function whatIsLeft(scene: Scene, leftovers: Leftovers, keeps: boolean): Promise<string[]> {
  let isEnded = false;
  void scene.besideEnded().then(() => {
    isEnded = true;
  });
  const members = (): string[] => (keeps ? [] : scene.members().map((id) => `the member ${id}`));
  const left = (): string[] => [...leftovers.list(), ...members(), ...(isEnded ? [] : ['a call beside'])];
  await cameTrue(() => left().length === 0, GRACE_MS);
  return left();
}
