// Where reading begins when a group has no committed offset.

/** The two ends of a topic. */
export const StartPosition = { EARLIEST: 'EARLIEST', LATEST: 'LATEST' } as const;
export type StartPosition = (typeof StartPosition)[keyof typeof StartPosition];
