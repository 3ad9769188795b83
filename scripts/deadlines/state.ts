// What a state of the world is: how it comes about, and which calls it concerns.
import type { Scene, SceneOptions } from './scene.ts';

/** The columns of the table. */
export const COLUMNS = [
  'idle',
  'connecting',
  'throttled',
  'broker silent',
  'mid-rebalance',
  'hook hanging',
  'closing',
  'body at work',
] as const;

export type Column = (typeof COLUMNS)[number];

/** Whose call it is. */
export type CallOwner = 'kafka' | 'producer' | 'consumer' | 'admin';

export interface State {
  readonly column: Column;
  /** Which of several ways into the same column. */
  readonly variant?: string;
  readonly scene: SceneOptions;
  /** Only calls of these have to do with it. */
  readonly only?: CallOwner;
  /** The broker cannot be told that members leave: they stay until their sessions end. */
  readonly keepsMembers?: boolean;
  /** Bodies are at work, and end when what is measured has. */
  readonly holdsBodies?: boolean;
  /** From everybody at work (or from nothing) into the state. */
  enter?(scene: Scene): Promise<void> | void;
}

export function nameOf({ column, variant }: State): string {
  return variant === undefined ? column : `${column}: ${variant}`;
}
