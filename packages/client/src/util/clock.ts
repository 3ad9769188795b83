// Time, timers and chance: the one seam that a simulation replaces. Nothing else in the client asks the system for them.
//
// In production the fields are Node's own functions. A simulation assigns others to them before it makes a client.

/** Above this `setTimeout` fires at once. */
export const LONGEST_DELAY_MS: number = 2 ** 31 - 1;

/** A timer that `clearTimer` takes. */
export interface Timer {
  /** The timer alone keeps no process alive. */
  unref(): unknown;
}

export interface Clock {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Milliseconds since 1970, as the operating system says. */
  wallNow(): number;
  /** Never calls back before its time. @param ms at most 2^31-1; a fraction of a millisecond may be cut off */
  setTimer(callback: () => void, ms: number): Timer;
  clearTimer(timer: Timer | null | undefined): void;
  /** Calls back after one turn of the event loop: what has arrived on sockets is read before that. */
  afterIo(callback: () => void): void;
  /** From 0 to below 1. For jitter and choices, never for secrets. */
  random(): number;
}

export const clock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  // Node counts whole milliseconds from a beginning that it cuts off: alone it calls back up to a millisecond too soon.
  setTimer: (callback, ms) => setTimeout(callback, Math.min(ms + 1, LONGEST_DELAY_MS)),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
  afterIo: (callback) => void setImmediate(callback),
  random: () => Math.random(),
};
