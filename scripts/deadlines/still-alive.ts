// When everything is closed, nothing may keep the process alive.

const GRACE_MS = 2_000;

/** Ends the process with 1, and says what there is, unless it ends by itself soon. */
export function mustEndByItself(): void {
  const alarm = setTimeout(() => {
    console.log(`the process does not end by itself: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit(1);
  }, GRACE_MS);
  // It fires only when something else keeps the process alive.
  alarm.unref();
}
