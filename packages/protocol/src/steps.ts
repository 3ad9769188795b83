// Work that may take long, cut into steps: whoever runs it may let others have their turn between two of them. The
// protocol knows neither clocks nor timers, so it only says where that can be.

/**
 * Each step takes a few milliseconds at most. A promise that is yielded is to be awaited before the next step: something
 * is done elsewhere meanwhile. It is never rejected.
 */
export type Steps<T> = Generator<Promise<void> | undefined, T, void>;

/** All steps one after the other. Only for those that wait for nothing. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}
