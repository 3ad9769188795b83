// What the ways of getting partitions have in common, and what they tell the consumer.

import type { TopicPartition } from '../types.ts';
import type { MemberIdentity } from './committer.ts';
import type { ChosenTopics } from './topic-choice.ts';

/** The consumer, as a membership sees it. Each call is awaited before the group goes on. */
export interface AssignmentHandler {
  assigned(partitions: readonly TopicPartition[]): Promise<void>;
  /** All partitions go back: commits what is done, drops the rest. */
  revoked(): Promise<void>;
  /** All partitions are gone already, others may have them: nothing can be committed. */
  lost(): Promise<void>;
  /** What the loop's body works on now; null: it waits. */
  inBody(): object | null;
  /** Until the loop asks for more. */
  bodyEnded(): Promise<void>;
  onFatal(error: Error): void;
}

/** Where partitions come from. */
export interface Membership {
  readonly identity: MemberIdentity;
  /** What the last look at the topics found; null: none yet. */
  readonly topics: ChosenTopics | null;
  start(): void;
  /** Leaves. Never rejects; takes at most so long. */
  close(timeoutMs: number): Promise<void>;
}
