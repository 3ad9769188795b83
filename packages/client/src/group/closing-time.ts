// How the time of a close is shared: first the hooks and the body, then a last commit, then the farewell.
import { ClosedError } from '../errors.ts';
import type { Deadline } from '../util/timers.ts';

/** Kept for the last commit and for LeaveGroup. */
const RESERVE_MS = 1_000;
const RESERVE_SHARE = 0.2;

export class ClosingTime {
  readonly reason: ClosedError = new ClosedError('the consumer');
  readonly deadline: Deadline;
  /** Of the clock: an `onAssigned` hook under way is not waited for beyond this. */
  readonly assignedBy: number;
  /** What is ours has been given back by then; the handler is told that it is enough. */
  readonly revokedBy: number;
  /** The handler's last commit is not waited for beyond this. */
  readonly committedBy: number;

  constructor(deadline: Deadline) {
    this.deadline = deadline;
    const { remainingMs } = deadline;
    const reserveMs = Math.min(RESERVE_MS, remainingMs * RESERVE_SHARE);
    this.revokedBy = deadline.at - reserveMs;
    this.assignedBy = deadline.at - reserveMs - (remainingMs - reserveMs) / 2;
    this.committedBy = deadline.at - reserveMs / 2;
  }
}
