// The orderly end of a consumer within one deadline, which later calls of `close()` may bring forward.
//
//   the body ends; who commits by hand commits the rest after the loop, or says by another close() that nothing follows
//   (until the reserve) --> what it finished is committed, hooks run, the group is left, commits by hand that are under way
//   have their answers (until the end)

import { ClosedError } from '../errors.ts';
import { Limit } from '../group/limit.ts';
import type { Membership } from '../group/membership.ts';
import { Deadline } from '../util/timers.ts';
import { until } from './hooks.ts';
import type { Parts } from './parts.ts';

/** Of the time, what is kept for committing and leaving when the loop's body does not end. */
const RESERVE_SHARE = 0.2;
const MOST_RESERVE_MS = 1_000;

export class Closing<K, V> {
  readonly #parts: Parts<K, V>;
  readonly #membership: Membership | null;
  readonly #body: Limit = new Limit();
  readonly #end: Limit = new Limit();
  readonly #noMore: AbortController = new AbortController();
  /** Somebody works through a loop, and may commit by hand when it has ended. */
  readonly #mayFollow: boolean;
  #deadline: Deadline = new Deadline(Infinity);
  #isLeaving = false;

  /**
   * Hands out nothing more from now on.
   *
   * @param mayFollow a commit by hand, when the loop has ended
   */
  constructor(parts: Parts<K, V>, membership: Membership | null, mayFollow: boolean) {
    this.#mayFollow = mayFollow;
    this.#parts = parts;
    this.#membership = membership;
    parts.engine.stop();
    if (mayFollow) parts.engine.body.follow();
    parts.commits.stop();
  }

  /** It has to be over after so many milliseconds, if that is earlier than what was said before. */
  within(timeoutMs: number): void {
    const deadline = new Deadline(timeoutMs);
    if (deadline.at >= this.#deadline.at) return;
    this.#deadline = deadline;
    const reason = new ClosedError('the consumer');
    this.#body.by(deadline.at - Math.min(MOST_RESERVE_MS, timeoutMs * RESERVE_SHARE), reason);
    this.#end.by(deadline.at, reason);
    if (this.#isLeaving) void this.#membership?.close(deadline);
  }

  /** No commit by hand follows. */
  hurry(): void {
    this.#noMore.abort();
  }

  /** There was no time for all of it. */
  get isLate(): boolean {
    return this.#deadline.passed;
  }

  /** Waits for the body, commits, leaves the group. Never rejects, never takes longer than the deadline. */
  async run(): Promise<void> {
    const { engine, commits } = this.#parts;
    await until(this.#body.signal, engine.body.ended());
    if (this.#mayFollow) await until(this.#body.signal, until(this.#noMore.signal, commits.caughtUp()));
    engine.body.abandon();
    this.#isLeaving = true;
    commits.conclude();
    await until(this.#end.signal, this.#giveBack());
    await until(this.#end.signal, commits.underWay());
    this.#body.clear();
    this.#end.clear();
  }

  async #commit(): Promise<void> {
    const { commits, assignment, ownership } = this.#parts;
    const waiting = { signal: this.#end.signal };
    await ownership.commitLast(await commits.commitAll(assignment, waiting), assignment, waiting);
  }

  #giveBack(): Promise<void> {
    if (this.#membership !== null) return this.#membership.close(this.#deadline);
    return this.#commit();
  }
}
