// A small stopwatch: warms up, then takes the best of several rounds, which is the least disturbed one.

/** Nanoseconds one call takes. */
export function nanosecondsOf(call: () => void, calls: number): number {
  for (let i = 0; i < calls; i++) call();
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) call();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / calls);
  }
  return best;
}

/** One line: what, time of a call, and its rate. */
export function report(what: string, nanoseconds: number, unit: string, amount: number): void {
  const perSecond = (amount / nanoseconds) * 1e9;
  const rate = unit === 'B' ? `${(perSecond / 1e9).toFixed(2)} GB/s` : `${(perSecond / 1e6).toFixed(2)} M ${unit}/s`;
  console.log(`${what.padEnd(44)} ${(nanoseconds / 1000).toFixed(1).padStart(10)} us ${rate.padStart(20)}`);
}
