// A public call that is measured: a row of the table.
import type { Limit, LimitKind } from './limit.ts';
import type { Scene, SceneOptions } from './scene.ts';
import type { CallOwner, Column } from './state.ts';

export interface Call {
  /** As in the table. */
  readonly name: string;
  readonly of: CallOwner;
  /** What can end it. */
  readonly limits: readonly LimitKind[];
  /** Columns in which it makes no sense, with the reason. */
  readonly except?: Partial<Record<Column, string>>;
  readonly producer?: SceneOptions['producer'];
  /** It makes members leave; without any time it cannot tell the broker. */
  readonly leaves?: boolean;
  /** What it needs beforehand, while everybody is still well. */
  prepare?(scene: Scene): void;
  /** Several at once. Each of the promises has to settle by the deadline. */
  begin(scene: Scene, limit: Limit): readonly Promise<unknown>[];
}
