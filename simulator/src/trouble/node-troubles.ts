// Nodes that die, stand still, come back, and hand over what they had.
import { nodeIds, portOf, type Surroundings, type Trouble, type UnderWay } from './trouble.ts';

/** One node that has no other trouble, and at most one at a time. */
function withNode(here: Surroundings, begin: (nodeId: number) => NonNullable<UnderWay>): UnderWay {
  if (here.busyNodes.size > 0) return null;
  const nodeId = here.random.pick(nodeIds);
  here.busyNodes.add(nodeId);
  const { forMs, end } = begin(nodeId);
  const over = (): void => {
    end();
    here.busyNodes.delete(nodeId);
  };
  return { forMs, end: over };
}

function down({ world }: Surroundings, nodeId: number, how: string): void {
  world.trace.say(`node ${nodeId} ${how}`);
  void world.broker.stopNode(nodeId);
}

function up({ world }: Surroundings, nodeId: number): void {
  world.trace.say(`node ${nodeId} is up again`);
  void world.broker.startNode(nodeId);
}

/** The process is killed: its kernel says so to everybody who is connected. */
export const killedNode: Trouble = (here) =>
  withNode(here, (nodeId) => {
    down(here, nodeId, 'is killed');
    return { forMs: here.random.skewed(100, 30_000), end: () => up(here, nodeId) };
  });

export const restartedNode: Trouble = (here) =>
  withNode(here, (nodeId) => {
    down(here, nodeId, 'restarts');
    return { forMs: here.random.skewed(1, 2_000), end: () => up(here, nodeId) };
  });

/** The machine is gone: nobody hears anything of it any more. */
export const lostNode: Trouble = (here) =>
  withNode(here, (nodeId) => {
    const { network } = here.world;
    const port = portOf(here.world, nodeId);
    for (const connection of network.open(port)) connection.vanish('both');
    network.link(port).dial = 'unreachable';
    down(here, nodeId, 'is lost with its machine');
    const end = (): void => {
      network.link(port).dial = 'open';
      up(here, nodeId);
    };
    return { forMs: here.random.skewed(500, 30_000), end };
  });

/** SIGSTOP, and SIGCONT before the cluster has noticed. */
export const frozenNode: Trouble = (here) =>
  withNode(here, (nodeId) => {
    freeze(here, nodeId);
    return { forMs: here.random.skewed(50, 9_000), end: () => thaw(here, nodeId) };
  });

/** SIGSTOP for so long that the cluster gives it up. */
export const fencedNode: Trouble = (here) =>
  withNode(here, (nodeId) => {
    freeze(here, nodeId);
    const { world, random } = here;
    const fencing = world.scheduler.after(random.skewed(500, 9_000), 'timer', 'world', () => {
      world.trace.say(`node ${nodeId} is given up by the cluster`);
      world.broker.fenceNode(nodeId);
    });
    const end = (): void => {
      fencing.isCancelled = true;
      thaw(here, nodeId);
    };
    return { forMs: random.skewed(1_000, 30_000), end };
  });

function freeze({ world }: Surroundings, nodeId: number): void {
  world.trace.say(`node ${nodeId} is stopped`);
  world.broker.freezeNode(nodeId);
  world.network.freeze(portOf(world, nodeId), true);
}

/** It works off what has arrived before it learns what happened meanwhile. */
function thaw({ world, random }: Surroundings, nodeId: number): void {
  world.trace.say(`node ${nodeId} goes on`);
  world.network.freeze(portOf(world, nodeId), false);
  world.scheduler.after(random.between(0, 50), 'timer', 'world', () => world.broker.thawNode(nodeId));
}

export const outage: Trouble = (here) => {
  if (here.busyNodes.size > 0) return null;
  for (const nodeId of nodeIds) here.busyNodes.add(nodeId);
  for (const nodeId of nodeIds) down(here, nodeId, 'goes down with all others');
  const end = (): void => {
    for (const nodeId of nodeIds) up(here, nodeId);
    here.busyNodes.clear();
  };
  return { forMs: here.random.skewed(100, 15_000), end };
};

export const movedLeaders: Trouble = ({ world, random, busyNodes }) => {
  for (const history of random.some(world.checker.histories.living(), 0.5)) {
    const { topic, partition } = history;
    const free = nodeIds.filter((id) => !busyNodes.has(id) && id !== world.broker.leaderOf(topic, partition));
    if (free.length === 0) continue;
    const nodeId = random.pick(free);
    world.trace.say(`${history.name} is led by node ${nodeId}`);
    world.broker.moveLeader(topic, partition, nodeId);
  }
  return null;
};

export const movedCoordinators: Trouble = ({ world, random, busyNodes }) => {
  for (const { id } of random.some(world.plan.groups, 0.7)) {
    const free = nodeIds.filter((nodeId) => !busyNodes.has(nodeId));
    if (free.length === 0) return null;
    const nodeId = random.pick(free);
    world.trace.say(`${id} is coordinated by node ${nodeId}`);
    world.broker.moveCoordinator(id, nodeId);
  }
  return null;
};
