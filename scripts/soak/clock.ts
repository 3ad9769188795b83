// One time for both processes of the soak: the machine's monotonic clock, in milliseconds.

const NANOSECONDS_PER_MS = 1_000_000;

export function now(): number {
  return Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS;
}
