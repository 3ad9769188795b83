// What the ways of getting partitions have in common, and what they tell the consumer.
import type { TopicPartition } from '../types.ts';
import type { Deadline } from '../util/timers.ts';
import type { MemberIdentity } from './identity.ts';
import type { ChosenTopics } from './topic-choice.ts';

/** The consumer, as a membership sees it. Calls are made one after the other, each is awaited before the next. */
export interface AssignmentHandler {
  /**
   * These are ours now and were not before; the others stay as they are. Resolves when the `onAssigned` hook has ended
   * or `enough` is aborted. Heartbeats go on meanwhile.
   *
   * @param isNew of a partition: it was not there yet when this member first looked at its topic
   */
  assigned(
    added: readonly TopicPartition[],
    enough: AbortSignal,
    isNew: (where: TopicPartition) => boolean,
  ): Promise<void>;
  /**
   * These go back. No record of them is handed out from the call on. Resolves when the loop's body has let go of them,
   * what is done is committed and the `onRevoked` hook has ended, or when `enough` is aborted; then they are dropped.
   * Heartbeats go on meanwhile.
   *
   * @param isLost others may have them by now: then nothing is committed and no `onRevoked` is called any more; `lost` follows
   */
  revoked(partitions: readonly TopicPartition[], enough: AbortSignal, isLost: () => boolean): Promise<void>;
  /** These are gone already, others may have them: nothing can be committed. `onLost` is awaited until `enough`. */
  lost(partitions: readonly TopicPartition[], enough: AbortSignal): Promise<void>;
  /** `certainUntil` has passed: nothing may be handed out. */
  doubted(): void;
  /** `certainUntil` is in the future again. */
  proven(): void;
  /** What the loop's body works on now; null: it waits. */
  inBody(): object | null;
  /** Until the loop asks for more and no hook is at work, also one that was not waited for any longer. */
  userCodeEnded(): Promise<void>;
  /** The consumer is finished with this error; the loop throws it. */
  onFatal(error: Error): void;
  /** Errors of single topics that may pass (no rights): the loop throws each once, and goes on when it is started again. */
  onTopicError(error: Error): void;
}

/** Where partitions come from. */
export interface Membership {
  readonly identity: MemberIdentity;
  /** What the last look at the topics found; null: none yet. */
  readonly topics: ChosenTopics | null;
  /** What keeps partitions from being assigned; null: nothing that is known. */
  readonly obstacle: Error | null;
  /**
   * Of the clock. In the past when a session has passed since the broker last said that we are a member, as after a blocked
   * event loop: others may have the partitions, so nothing more is handed out until the broker has said it again.
   */
  readonly certainUntil: number;
  /** A broker refused a request of this identity: the group does not know it (any more), others may have its partitions. */
  expelled(member: MemberIdentity, error: Error): void;
  start(): void;
  /**
   * Gives back what is ours (`revoked`) and leaves. Never rejects, and never takes longer than the deadline, whatever
   * state it is in (joining, within a hook, revoking, the coordinator silent).
   */
  close(deadline: Deadline): Promise<void>;
}
