// States of the group, and user code in the consumer's way.
import { JoinGroup, type Partitioner } from '@hopwire/client';
import type { Loop } from './loop.ts';
import { never } from './never.ts';
import { type Scene, TOPIC } from './scene.ts';
import type { State } from './state.ts';
import { until } from './until.ts';

/** A member that dawdles is in the group; then another one joins, and everybody waits for the first. */
async function rebalance(scene: Scene): Promise<void> {
  const { broker, outsider, groups } = scene;
  const [groupId] = groups;
  await outsider.join(groupId, TOPIC);
  await until('the group is stable again', () => broker.group(groupId)?.state === 'Stable');
  let joins = 0;
  const count = (): 'pass' => {
    joins++;
    return 'pass';
  };
  broker.on(JoinGroup, count, { always: true });
  outsider.joinLater(groupId, TOPIC);
  // The newcomer's and those of both consumers.
  await until('all JoinGroups are held', () => joins >= 3);
}

/** A newcomer joins, so that everything is revoked. */
async function revoke(scene: Scene): Promise<void> {
  scene.outsider.joinLater(scene.groups[0], TOPIC);
  await until('the hooks are called', () => scene.hooksCalled === scene.consumers.length);
}

/** Bodies of the loops are at work. */
export async function workInBodies(scene: Scene, loops: readonly Loop[] = scene.loops): Promise<void> {
  for (const loop of loops) loop.hold();
  scene.append();
  await until('bodies are at work', () => loops.every(({ isInBody }) => isInBody));
}

/** User code gives back what it likes. */
function isPartitioner(code: unknown): code is Partitioner {
  return typeof code === 'function';
}

const hanging: unknown = never;

export const groupStates: readonly State[] = [
  { column: 'mid-rebalance', scene: { warm: 'all' }, enter: rebalance },
  {
    column: 'hook hanging',
    variant: 'onAssigned',
    scene: { warm: 'joined', hangs: 'onAssigned', groups: ['group', 'another'] },
  },
  { column: 'hook hanging', variant: 'onRevoked', scene: { warm: 'all', hangs: 'onRevoked' }, enter: revoke },
  {
    column: 'hook hanging',
    variant: 'onEvent gives a promise',
    scene: { warm: 'all', client: { onEvent: never } },
  },
  {
    column: 'hook hanging',
    variant: 'the partitioner gives a promise',
    only: 'producer',
    scene: { warm: 'none', producer: isPartitioner(hanging) ? { partitioner: hanging } : {} },
  },
  {
    column: 'body at work',
    only: 'consumer',
    holdsBodies: true,
    scene: { warm: 'all' },
    enter: (scene) => workInBodies(scene),
  },
];
