// User code that never comes back.

export function never(): Promise<never> {
  return new Promise(() => undefined);
}
