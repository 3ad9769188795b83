// What an error code in a Produce answer means for the batch it is about: the one table.
import { type ErrorName, errorByCode } from '@hopwire/protocol';

/**
 * What happens to a batch after an answer.
 *
 * - `delivered`: written.
 * - `duplicate`: was written by an earlier attempt; the offset may be unknown.
 * - `refresh`: surely not written here; ask for the leader again, then retry.
 * - `moved`: as `refresh`; but a leader that stepped down while it waited for its followers (acks all) says the same of what
 *   it has written, and what the next leader may have.
 * - `backOff`: surely not written; retry.
 * - `unsure`: may be written; retry until it is known, never fail before the deadline.
 * - `split`: too large; two halves, or the single record fails.
 * - `sequence`: out of step; wait for earlier batches, or take a new producer id.
 * - `forgotten`: the broker knows nothing of this producer; as `sequence`, but an earlier attempt may be written.
 * - `identity`: the producer id or epoch is not accepted any more; take a new one.
 * - `refuse`: surely not written and never will be.
 * - `giveUp`: an answer without a promise; not retried, outcome unknown.
 * - `fatal`: the producer is finished.
 */
export type ProduceOutcome =
  | 'delivered'
  | 'duplicate'
  | 'refresh'
  | 'moved'
  | 'backOff'
  | 'unsure'
  | 'split'
  | 'sequence'
  | 'forgotten'
  | 'identity'
  | 'refuse'
  | 'giveUp'
  | 'fatal';

const outcomes: { readonly [name in ErrorName]?: ProduceOutcome } = {
  NONE: 'delivered',
  DUPLICATE_SEQUENCE_NUMBER: 'duplicate',

  NOT_LEADER_OR_FOLLOWER: 'moved',
  UNKNOWN_TOPIC_OR_PARTITION: 'moved',
  LEADER_NOT_AVAILABLE: 'refresh',
  REPLICA_NOT_AVAILABLE: 'refresh',
  UNKNOWN_TOPIC_ID: 'refresh',
  INCONSISTENT_TOPIC_ID: 'refresh',
  FENCED_LEADER_EPOCH: 'refresh',
  UNKNOWN_LEADER_EPOCH: 'refresh',
  KAFKA_STORAGE_ERROR: 'moved',

  NOT_ENOUGH_REPLICAS: 'backOff',
  CORRUPT_MESSAGE: 'backOff',
  THROTTLING_QUOTA_EXCEEDED: 'backOff',
  COORDINATOR_LOAD_IN_PROGRESS: 'backOff',
  COORDINATOR_NOT_AVAILABLE: 'backOff',

  REQUEST_TIMED_OUT: 'unsure',
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 'unsure',
  NETWORK_EXCEPTION: 'unsure',

  MESSAGE_TOO_LARGE: 'split',
  RECORD_LIST_TOO_LARGE: 'split',

  OUT_OF_ORDER_SEQUENCE_NUMBER: 'sequence',
  UNKNOWN_PRODUCER_ID: 'forgotten',

  INVALID_PRODUCER_EPOCH: 'identity',
  PRODUCER_FENCED: 'identity',

  INVALID_RECORD: 'refuse',
  INVALID_TIMESTAMP: 'refuse',
  UNSUPPORTED_COMPRESSION_TYPE: 'refuse',
  UNSUPPORTED_FOR_MESSAGE_FORMAT: 'refuse',
  UNSUPPORTED_VERSION: 'refuse',
  INVALID_TOPIC_EXCEPTION: 'refuse',
  INVALID_REQUIRED_ACKS: 'refuse',
  INVALID_REQUEST: 'refuse',
  POLICY_VIOLATION: 'refuse',
  TOPIC_AUTHORIZATION_FAILED: 'refuse',
  CLUSTER_AUTHORIZATION_FAILED: 'refuse',

  INVALID_TXN_STATE: 'fatal',
  INVALID_PRODUCER_ID_MAPPING: 'fatal',
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'fatal',
};

const byName: ReadonlyMap<string, ProduceOutcome> = new Map(Object.entries(outcomes));

/** The action for an error code. Anything not in the table is not retried, and promises nothing. */
export function produceOutcomeOf(errorCode: number): ProduceOutcome {
  if (errorCode === 0) return 'delivered';
  return byName.get(errorByCode(errorCode).name) ?? 'giveUp';
}
