// A range of versions, as an Api has it and as a broker advertises it.

/** Lowest and highest version, both included. */
export type VersionRange = readonly [min: number, max: number];
