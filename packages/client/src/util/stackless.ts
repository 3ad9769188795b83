// Errors of calls whose time is up are made in a timer: their stacks would show that timer and nothing of the caller.
// Taking a stack is most of what an error costs, and thousands of calls may run out of time at once.

/** What `make` makes has no stack but its first line. */
export function stackless<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
