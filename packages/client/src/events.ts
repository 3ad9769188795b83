// What an observer is told. Events are for watching, never for control.
import type { TopicPartition, TopicPartitionOffset } from './types.ts';

/** A connection changed its state. */
export interface ConnectionEvent {
  type: 'connection';
  state: 'handshaking' | 'ready' | 'closed';
  /** `host:port` */
  broker: string;
  /** Since it began to open. */
  durationMs: number;
  /** Why it closed; only in state `closed`. */
  reason?: Error;
}

/** A request was answered, or failed. */
export interface RequestEvent {
  type: 'request';
  api: string;
  version: number;
  broker: string;
  durationMs: number;
  sentBytes: number;
  receivedBytes: number;
  error?: Error;
}

/** The picture of the cluster was refreshed. */
export interface MetadataEvent {
  type: 'metadata';
  durationMs: number;
  brokers: number;
  topics: number;
  error?: Error;
}

export interface RebalanceEvent {
  type: 'rebalance';
  groupId: string;
  memberId: string;
  generationId: number;
  phase: 'joining' | 'assigned' | 'revoked' | 'lost' | 'left';
  partitions: readonly TopicPartition[];
  durationMs: number;
  reason?: string;
}

/** A produced batch was settled. */
export interface BatchEvent extends TopicPartition {
  type: 'batch';
  records: number;
  bytes: number;
  attempts: number;
  outcome: 'delivered' | 'retrying' | 'failed' | 'unknown';
  durationMs: number;
  error?: Error;
}

export interface CommitEvent {
  type: 'commit';
  groupId: string;
  offsets: readonly TopicPartitionOffset[];
  durationMs: number;
  error?: Error;
}

/** A position was moved without being asked to: it was out of range, or the log was cut. */
export interface ResetEvent extends TopicPartition {
  type: 'reset';
  from: bigint | null;
  to: bigint;
  reason: string;
}

/** A broker demanded a pause (KIP-219). */
export interface ThrottleEvent {
  type: 'throttle';
  broker: string;
  api: string;
  pauseMs: number;
}

/** A consumer has read all there was of a partition. */
export interface PartitionEndEvent extends TopicPartition {
  type: 'end';
  offset: bigint;
}

/** Something ended for good. The same error also reaches the caller. */
export interface FatalEvent {
  type: 'fatal';
  what: string;
  error: Error;
}

/** Everything an observer may see. */
export type KafkaEvent =
  | ConnectionEvent
  | RequestEvent
  | MetadataEvent
  | RebalanceEvent
  | BatchEvent
  | CommitEvent
  | ResetEvent
  | ThrottleEvent
  | PartitionEndEvent
  | FatalEvent;

/** Where log lines go. */
export interface Logger {
  debug(message: string, fields?: object): void;
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
}
