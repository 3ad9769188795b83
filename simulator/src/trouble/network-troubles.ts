// Trouble on the way between clients and nodes.
import type { Connection } from '../network/connection.ts';
import { dialTroubles, type Link } from '../network/link.ts';
import { nodeIds, portOf, type Surroundings, type Trouble } from './trouble.ts';

function someLinks({ world, random }: Surroundings): Link[] {
  const ids = random.chance(0.3) ? nodeIds : [random.pick(nodeIds)];
  return ids.map((id) => world.network.link(portOf(world, id)));
}

function someConnections({ world, random }: Surroundings): Connection[] {
  const port = random.chance(0.5) ? portOf(world, random.pick(nodeIds)) : undefined;
  return random.some(world.network.open(port), random.pick([0.2, 1]));
}

/** For a while the links are changed. */
function changing(change: (link: Link, here: Surroundings) => void, restore: (link: Link) => void): Trouble {
  return (here) => {
    const links = someLinks(here);
    for (const link of links) change(link, here);
    here.world.trace.say(`links ${links.map(({ port }) => `:${port}`).join(' ')}: ${describe(links[0])}`);
    const end = (): void => {
      for (const link of links) restore(link);
    };
    return { forMs: here.random.skewed(200, 30_000), end };
  };
}

function describe(link: Link | undefined): string {
  if (!link) return '';
  const [low, high] = link.latencyMs;
  return `${low.toFixed(1)}-${high.toFixed(1)} ms, pieces ${link.pieces}, ${link.bytesPerMs} B/ms, dials ${link.dial}`;
}

export const slowNetwork: Trouble = changing(
  (link, { random }) => {
    const low = random.skewed(1, 300);
    link.latencyMs = [low, low * random.between(1, 10)];
  },
  (link) => {
    link.latencyMs = [0.2, 2];
  },
);

export const pieces: Trouble = changing(
  (link, { random }) => {
    link.pieces = random.pick([0.3, 1]);
  },
  (link) => {
    link.pieces = 0.05;
  },
);

export const narrowNetwork: Trouble = changing(
  (link, { random }) => {
    link.bytesPerMs = random.skewed(0.2, 50);
  },
  (link) => {
    link.bytesPerMs = Number.POSITIVE_INFINITY;
  },
);

export const dials: Trouble = changing(
  (link, { random }) => {
    link.dial = random.pick(dialTroubles);
  },
  (link) => {
    link.dial = 'open';
  },
);

export const cutConnections: Trouble = (here) => {
  for (const connection of someConnections(here)) connection.reset();
  return null;
};

export const orderlyEnds: Trouble = (here) => {
  for (const connection of someConnections(here)) connection.finish();
  return null;
};

export const vanishingBytes: Trouble = (here) => {
  const direction = here.random.pick(['both', 'both', 'up', 'down'] as const);
  for (const connection of someConnections(here)) connection.vanish(direction);
  return null;
};
