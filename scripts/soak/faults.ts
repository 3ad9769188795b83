// The kinds of trouble. Each does its worst to one or all brokers, or to the ways to them, and puts things right again.
import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterNode, KafkaCluster, ProxyMode, TcpProxy } from '@hopwire/test-broker/harness';
import type { Random } from '../../packages/protocol/src/testing/random.ts';
import type { ClientProcess } from './client-process.ts';
import { now } from './clock.ts';
import type { Newcomer } from './messages.ts';
import type { Observer } from './observer.ts';
import { GROUPS } from './workload.ts';

/** What a fault may lay hands on. */
export interface Scene {
  readonly cluster: KafkaCluster;
  readonly observer: Observer;
  readonly client: ClientProcess;
  /** A port of its own in front of the first broker; it refuses unless a fault says otherwise. */
  readonly door: TcpProxy;
  readonly random: Random;
}

/** What was done to whom. */
export interface Done {
  readonly detail: string;
  /** The client that was started meanwhile, and when its way became free. */
  readonly newcomer?: Newcomer & { readonly passedAt: number };
}

/** Resolves when things are put right. */
export type Fault = (scene: Scene) => Promise<Done>;

/** Longer than the brokers' session, which is 2 s. */
const HOLD_MS = [4000, 7000] as const;
const OUTAGE_MS = [3000, 6000] as const;
const HANG_UP_MS = [3000, 5000] as const;

export const faults: Readonly<Record<string, Fault>> = {
  'kill and restart': (scene) => killAndRestart(scene, oneOf(scene)),
  "coordinator's node killed": async (scene) => killAndRestart(scene, await coordinatorIn(scene)),
  'freeze and thaw': freezeAndThaw,
  'orderly restart': orderlyRestart,
  'cut connections': cutConnections,
  'silent connections': (scene) => throughProxy(scene, 'silent', HOLD_MS),
  'port hangs up': (scene) => throughProxy(scene, 'hangUp', HANG_UP_MS),
  'outage of all': outage,
  'start behind a port that hangs up': startNewcomer,
};

async function killAndRestart(scene: Scene, node: ClusterNode): Promise<Done> {
  await node.kill();
  scene.observer.look();
  const ms = await hold(scene, HOLD_MS);
  await node.start();
  return { detail: `broker ${node.id}, down for ${ms} ms` };
}

async function freezeAndThaw(scene: Scene): Promise<Done> {
  const node = oneOf(scene);
  node.freeze();
  scene.observer.look();
  const ms = await hold(scene, HOLD_MS);
  node.thaw();
  scene.observer.look();
  return { detail: `broker ${node.id} for ${ms} ms` };
}

async function orderlyRestart(scene: Scene): Promise<Done> {
  const node = oneOf(scene);
  await node.restart('stop');
  return { detail: `broker ${node.id}` };
}

async function cutConnections({ cluster, observer, random }: Scene): Promise<Done> {
  const nodes = random.chance(0.5) ? cluster.nodes : [random.pick(cluster.nodes)];
  const count = nodes.reduce((sum, { proxy }) => sum + proxy.cut(), 0);
  const ids = nodes.map(({ id }) => id);
  observer.availability.cut(ids, now());
  return { detail: `${count} to broker ${ids.join(', ')}` };
}

async function throughProxy(scene: Scene, mode: ProxyMode, range: readonly [number, number]): Promise<Done> {
  const { id, proxy } = oneOf(scene);
  await proxy.set(mode);
  scene.observer.look();
  const ms = await hold(scene, range);
  await proxy.set('pass');
  scene.observer.look();
  return { detail: `broker ${id} for ${ms} ms` };
}

async function outage(scene: Scene): Promise<Done> {
  const { nodes } = scene.cluster;
  await Promise.all(nodes.map((node) => node.kill()));
  scene.observer.look();
  const ms = await hold(scene, OUTAGE_MS);
  await Promise.all(nodes.map((node) => node.start()));
  return { detail: `for ${ms} ms, then started` };
}

async function startNewcomer(scene: Scene): Promise<Done> {
  const { client, door } = scene;
  await door.set('hangUp');
  const told = client.newcomer(door.address);
  const ms = await hold(scene, HANG_UP_MS);
  await door.set('pass');
  const passedAt = now();
  const newcomer = await told;
  await door.set('refuse');
  return { detail: `for ${ms} ms`, newcomer: { ...newcomer, passedAt } };
}

function oneOf({ cluster, random }: Scene): ClusterNode {
  return random.pick(cluster.nodes);
}

async function coordinatorIn({ cluster, observer }: Scene): Promise<ClusterNode> {
  return cluster.node(await observer.coordinatorOf(Object.keys(GROUPS)[0] ?? ''));
}

async function hold({ random }: Scene, [shortest, longest]: readonly [number, number]): Promise<number> {
  const ms = shortest + random.below(longest - shortest);
  await delay(ms);
  return ms;
}
