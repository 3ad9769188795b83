// Time, timers and chance of the embedded broker: the one seam that a simulation replaces, of the same shape as the
// client's. In production the fields are Node's own functions.
import { randomBytes } from 'node:crypto';

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
  /** @param ms at most 2^31-1 */
  setTimer(callback: () => void, ms: number): Timer;
  clearTimer(timer: Timer | null | undefined): void;
  /** Calls back after one turn of the event loop. */
  afterIo(callback: () => void): void;
  /** From 0 to below 1. */
  random(): number;
  /** Ids of topics, members and the cluster; nonces and salts of logins. */
  randomBytes(size: number): Buffer;
}

export const clock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimer: (callback, ms) => setTimeout(callback, ms),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout | undefined),
  afterIo: (callback) => void setImmediate(callback),
  random: () => Math.random(),
  randomBytes: (size) => randomBytes(size),
};

/** A UUID of version 4, as members have it in their ids. */
export function randomUuid(): string {
  const bytes = clock.randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
