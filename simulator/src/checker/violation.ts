// A rule that was broken.

export interface Violation {
  /** Short name of the rule. */
  readonly rule: string;
  /** What was seen instead, with the names of everything involved. */
  readonly text: string;
  readonly atMs: number;
}

/** Told of every rule that is broken; the first one ends the run. */
export type Violate = (rule: string, text: string) => void;
