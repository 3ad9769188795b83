// A fault that is made in the client on purpose: the simulator has to find it.
import type { Patch } from './bundle.ts';

export interface Mutation {
  readonly name: string;
  /** What is wrong then. */
  readonly wrong: string;
  readonly patches: readonly Patch[];
  /** What may be broken by it; the first violation of a seed has to be one of these. */
  readonly rules: readonly string[];
  /** Seeds that find it. One that does is enough: any change of the client sends seeds other ways. */
  readonly seeds: readonly number[];
}
