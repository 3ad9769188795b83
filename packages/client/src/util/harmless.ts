// Functions of the user that only watch (observers, loggers): what they throw must not reach what they watch.

/**
 * Calls it. What it throws, or rejects with, goes to `failed` and no further.
 *
 * @param watch its result is of no interest
 */
export function harmless(watch: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = watch();
    if (result instanceof Promise) result.catch(failed);
  } catch (error) {
    failed(error);
  }
}
