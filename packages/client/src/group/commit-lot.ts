// Offsets to be committed in the name of one member and generation, merged by partition; and one attempt at it.
import type { CommitCall } from './commit-call.ts';
import type { MemberIdentity } from './identity.ts';
import { type CommitOffset, keyOf } from './offset-requests.ts';

/** One offset of one call. */
interface Slot {
  readonly call: CommitCall;
  readonly index: number;
  /** Grows from call to call. */
  readonly order: number;
  /** The last attempt it was part of; null: it has to be sent (again). */
  attempt: CommitAttempt | null;
}

/** An offset, and when the call came that it is of. */
interface Ordered {
  readonly order: number;
  readonly offset: CommitOffset;
}

/** All calls that were made in the same generation, until each offset has an outcome. */
export class CommitLot {
  readonly member: MemberIdentity;
  #slots: Slot[] = [];
  #calls = 0;
  /**
   * The newest offset of each partition that ever left. Whoever gave it may have given up since, and the broker may have it:
   * an older one is not sent behind it.
   */
  readonly #sent = new Map<string, Ordered>();

  constructor(member: MemberIdentity) {
    this.member = member;
  }

  isOf({ generationId, memberId, groupInstanceId }: MemberIdentity): boolean {
    const { member } = this;
    return (
      member.generationId === generationId && member.memberId === memberId && member.groupInstanceId === groupInstanceId
    );
  }

  add(call: CommitCall): void {
    const order = ++this.#calls;
    for (let index = 0; index < call.offsets.length; index++) this.#slots.push({ call, index, order, attempt: null });
  }

  /** The newer one of this and of what was sent before. */
  newest(key: string, one: Ordered): Ordered {
    const sent = this.#sent.get(key);
    return sent && sent.order > one.order ? sent : one;
  }

  sent(key: string, one: Ordered): void {
    this.#sent.set(key, one);
  }

  /** Has every offset its outcome? */
  get isEmpty(): boolean {
    this.#slots = this.#slots.filter(({ call, index }) => !call.isSettled(index));
    return this.#slots.length === 0;
  }

  get hasUnsent(): boolean {
    return this.#slots.some(({ call, index, attempt }) => attempt === null && !call.isSettled(index));
  }

  /** Those who still wait. */
  calls(): Set<CommitCall> {
    return new Set(this.#slots.map(({ call }) => call));
  }

  /** What has to be sent, and is still waited for; null: nothing. */
  next(): CommitAttempt | null {
    const open = this.isEmpty ? [] : this.#slots.filter((slot) => slot.attempt === null);
    return open.length === 0 ? null : new CommitAttempt(this, open);
  }

  /** Those that have no outcome yet. @param errorFor of a partition */
  failAll(errorFor: (offset: CommitOffset) => Error): void {
    for (const { call, index } of this.#slots) {
      const offset = call.offsets[index];
      if (offset && !call.isSettled(index)) call.settle(index, errorFor(offset));
    }
    this.#slots = [];
  }
}

/** One request, until it is answered. */
export class CommitAttempt {
  readonly lot: CommitLot;
  readonly #controller = new AbortController();
  readonly #slots = new Map<string, Slot[]>();
  readonly #calls = new Set<CommitCall>();

  constructor(lot: CommitLot, slots: readonly Slot[]) {
    this.lot = lot;
    for (const slot of slots) {
      const { call, index } = slot;
      const offset = call.offsets[index];
      if (!offset) continue;
      slot.attempt = this;
      this.#calls.add(call);
      const key = keyOf(offset);
      const same = this.#slots.get(key);
      if (same) same.push(slot);
      else this.#slots.set(key, [slot]);
    }
  }

  /** Aborted when nobody waits for it any more. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** By partition, the offset of the latest call. */
  offsets(): Map<string, CommitOffset> {
    return new Map([...this.#latest()].map(([key, { offset }]) => [key, offset]));
  }

  /** It leaves now. */
  leaves(): void {
    for (const [key, one] of this.#latest()) this.lot.sent(key, one);
  }

  *#latest(): Iterable<[key: string, Ordered]> {
    for (const [key, slots] of this.#slots) {
      const last = slots.at(-1);
      const offset = last?.call.offsets[last.index];
      if (last && offset) yield [key, this.lot.newest(key, { order: last.order, offset })];
    }
  }

  /** When the first of the calls was made. */
  get startedAt(): number {
    let at = Infinity;
    for (const call of this.#calls) at = Math.min(at, call.startedAt);
    return at;
  }

  settle(key: string, outcome: Error | null): void {
    for (const { call, index } of this.#slots.get(key) ?? []) call.settle(index, outcome);
  }

  /** These are to be sent again, with what has been added meanwhile. Default: all. */
  sendAgain(keys: Iterable<string> = this.#slots.keys()): void {
    for (const key of keys) {
      for (const slot of this.#slots.get(key) ?? []) if (slot.attempt === this) slot.attempt = null;
    }
  }

  /** A caller has given up: the others are not concerned. */
  leave(call: CommitCall, reason: Error): void {
    if (this.#calls.delete(call) && this.#calls.size === 0) this.#controller.abort(reason);
  }
}
