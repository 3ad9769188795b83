// Enumerations of the protocol that no single API owns.

/** Produce `acks`. */
export const Acks = { none: 0, leader: 1, all: -1 } as const;
/** Fetch and ListOffsets `isolationLevel`. */
export const IsolationLevel = { readUncommitted: 0, readCommitted: 1 } as const;
/** FindCoordinator `keyType`. */
export const CoordinatorType = { group: 0, transaction: 1, share: 2 } as const;
/** ListOffsets `timestamp` values with a meaning of their own. */
export const SpecialTimestamp = {
  latest: -1n,
  earliest: -2n,
  maxTimestamp: -3n,
  earliestLocal: -4n,
  latestTiered: -5n,
  earliestPendingUpload: -6n,
} as const;
/** `*AuthorizedOperations` when they were not asked for. */
export const OPERATIONS_NOT_ASKED = -2147483648;
