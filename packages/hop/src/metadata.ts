// What came with a message besides its body.
import type { HopError } from './errors.ts';

export type TimestampType = 'create' | 'append';
export type MessageHeader = readonly [name: string, value: Buffer | null];

/** Where a message lies and what its record said. */
export interface Metadata {
  topic: string;
  partition: number;
  offset: bigint;
  /** Milliseconds since 1970. */
  timestamp: number;
  timestampType: TimestampType;
  key: Buffer | null;
  headers: readonly MessageHeader[];
}

/** Attached to each delivered message as `received`. */
export interface Received extends Metadata {
  /** The body as it came; it survives every decoding failure. */
  raw: Buffer | null;
  /** The message's UUID, dashed; null without a usable `_id`. */
  id: string | null;
  sender: string | null;
  isTest: boolean;
  /** The model's name in upper case. */
  format: string;
  /** Why the body could not be decoded as its label says. */
  error?: HopError;
}

/** The body and the circumstances of one record, before it becomes a message. */
export interface RawRecord extends Metadata {
  value: Buffer | null;
}
