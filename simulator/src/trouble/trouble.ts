// What a kind of trouble is.
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { RequestRules } from './request-rules.ts';

export interface Surroundings {
  readonly world: World;
  readonly random: Random;
  /** What happens to requests on their way into a node. */
  readonly rules: RequestRules;
  /** Nodes that have their own trouble already. */
  readonly busyNodes: Set<number>;
}

/** Under way until `end` is called; null: it was over at once, or there was nothing to do. */
export type UnderWay = { readonly forMs: number; readonly end: () => void } | null;

/** Begins it, and says in the trace what it does. */
export type Trouble = (here: Surroundings) => UnderWay;

export const nodeIds = [1, 2, 3] as const;

/** Where a node listens. */
export function portOf(world: World, nodeId: number): number {
  const address = world.broker.addresses()[nodeId - 1] ?? '';
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
