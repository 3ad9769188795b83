// Every error code of Kafka up to 4.4: its name, whether the same request may succeed later, and what it means.
//
// Kinds: '' the same request fails again; R retriable after a pause; M retriable, and the cause is old metadata, which
// has to be refreshed first; m metadata has to be refreshed, but the same request is not simply repeated.

type Kind = '' | 'R' | 'M' | 'm';

const table = {
  UNKNOWN_SERVER_ERROR: [-1, '', 'the broker failed in a way it has no code for; its log says more'],
  NONE: [0, '', 'success'],
  OFFSET_OUT_OF_RANGE: [1, '', 'the offset is before the start or after the end of the log'],
  CORRUPT_MESSAGE: [2, 'R', 'a record batch has a bad checksum, size or structure'],
  UNKNOWN_TOPIC_OR_PARTITION: [3, 'M', 'the broker has no such topic or partition, or you may not describe it'],
  INVALID_FETCH_SIZE: [4, '', 'the fetch size is not allowed'],
  LEADER_NOT_AVAILABLE: [5, 'M', 'the partition has no leader now: an election is under way or the topic is new'],
  NOT_LEADER_OR_FOLLOWER: [6, 'M', 'this broker does not lead (or follow) the partition any more'],
  REQUEST_TIMED_OUT: [7, 'R', 'the broker did not finish in time; a write may or may not be stored'],
  BROKER_NOT_AVAILABLE: [8, '', 'the broker is down'],
  REPLICA_NOT_AVAILABLE: [9, 'M', 'the broker does not have the replica that was expected on it'],
  MESSAGE_TOO_LARGE: [10, '', "the batch is larger than the topic's max.message.bytes"],
  STALE_CONTROLLER_EPOCH: [11, '', 'the controller has moved (between brokers)'],
  OFFSET_METADATA_TOO_LARGE: [12, '', 'the metadata string of a committed offset is too long'],
  NETWORK_EXCEPTION: [13, 'M', 'the connection broke before the answer'],
  COORDINATOR_LOAD_IN_PROGRESS: [14, 'R', 'the coordinator is still loading its state'],
  COORDINATOR_NOT_AVAILABLE: [15, 'R', 'there is no coordinator yet'],
  NOT_COORDINATOR: [16, 'R', 'this broker does not coordinate the group or transaction any more'],
  INVALID_TOPIC_EXCEPTION: [17, '', 'the topic name is not valid, or the topic is internal'],
  RECORD_LIST_TOO_LARGE: [18, '', 'the batch is larger than a log segment'],
  NOT_ENOUGH_REPLICAS: [19, 'R', 'fewer replicas are in sync than min.insync.replicas; nothing was written'],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: [20, 'R', 'written, but then fewer replicas were in sync than demanded'],
  INVALID_REQUIRED_ACKS: [21, '', 'acks must be 0, 1 or -1 (all)'],
  ILLEGAL_GENERATION: [22, '', "the group has a newer generation than the member's"],
  INCONSISTENT_GROUP_PROTOCOL: [23, '', 'the member shares no protocol type or assignor with the rest of the group'],
  INVALID_GROUP_ID: [24, '', 'the group id is empty or not valid'],
  UNKNOWN_MEMBER_ID: [25, '', 'the coordinator does not know this member (any more)'],
  INVALID_SESSION_TIMEOUT: [26, '', "the session timeout is outside the broker's group.min/max.session.timeout.ms"],
  REBALANCE_IN_PROGRESS: [27, '', 'the group is rebalancing: join again'],
  INVALID_COMMIT_OFFSET_SIZE: [28, '', 'the commit is too large for one record'],
  TOPIC_AUTHORIZATION_FAILED: [29, '', 'this user lacks the right to do that with the topic'],
  GROUP_AUTHORIZATION_FAILED: [30, '', 'this user lacks the right to use the group'],
  CLUSTER_AUTHORIZATION_FAILED: [31, '', 'this user lacks the right to do that with the cluster'],
  INVALID_TIMESTAMP: [32, '', "a record's timestamp is outside what the topic allows"],
  UNSUPPORTED_SASL_MECHANISM: [33, '', 'the broker has not enabled this SASL mechanism'],
  ILLEGAL_SASL_STATE: [34, '', 'the request is not allowed at this stage of authentication'],
  UNSUPPORTED_VERSION: [35, '', 'the broker does not have this API, version or feature'],
  TOPIC_ALREADY_EXISTS: [36, '', 'a topic with this name exists already'],
  INVALID_PARTITIONS: [37, '', 'the number of partitions is below 1, or not larger than it is now'],
  INVALID_REPLICATION_FACTOR: [38, '', 'the replication factor is below 1, or larger than the number of brokers'],
  INVALID_REPLICA_ASSIGNMENT: [39, '', 'the explicit replica assignment is not valid'],
  INVALID_CONFIG: [40, '', 'a configuration name or value is not valid'],
  NOT_CONTROLLER: [41, 'M', 'this broker is not the controller'],
  INVALID_REQUEST: [42, '', 'the request contradicts itself or is malformed'],
  UNSUPPORTED_FOR_MESSAGE_FORMAT: [43, '', "the topic's old message format cannot do this"],
  POLICY_VIOLATION: [44, '', "the request breaks a policy of the cluster's operators"],
  OUT_OF_ORDER_SEQUENCE_NUMBER: [45, '', 'the broker misses an earlier batch of this idempotent producer'],
  DUPLICATE_SEQUENCE_NUMBER: [46, '', 'the broker has this batch already'],
  INVALID_PRODUCER_EPOCH: [47, '', 'a newer instance of this producer has written'],
  INVALID_TXN_STATE: [48, '', "the transaction's state does not allow this step"],
  INVALID_PRODUCER_ID_MAPPING: [49, '', 'the producer id does not belong to the transactional id'],
  INVALID_TRANSACTION_TIMEOUT: [50, '', "the transaction timeout is above the broker's transaction.max.timeout.ms"],
  CONCURRENT_TRANSACTIONS: [51, 'R', 'the previous transaction of this producer is still being completed'],
  TRANSACTION_COORDINATOR_FENCED: [52, '', 'the transaction coordinator has moved (between brokers)'],
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: [53, '', 'this user lacks the right to use the transactional id'],
  SECURITY_DISABLED: [54, '', 'the cluster has no authorizer'],
  OPERATION_NOT_ATTEMPTED: [55, '', 'not tried, because another part of the request failed'],
  KAFKA_STORAGE_ERROR: [56, 'M', "the broker has trouble with the partition's disk"],
  LOG_DIR_NOT_FOUND: [57, '', 'the broker has no such log directory'],
  SASL_AUTHENTICATION_FAILED: [58, '', 'the broker refused the credentials'],
  UNKNOWN_PRODUCER_ID: [59, '', 'the broker has forgotten this producer: its records were deleted'],
  REASSIGNMENT_IN_PROGRESS: [60, '', 'the partition is being moved'],
  DELEGATION_TOKEN_AUTH_DISABLED: [61, '', 'delegation tokens are switched off'],
  DELEGATION_TOKEN_NOT_FOUND: [62, '', 'there is no such delegation token'],
  DELEGATION_TOKEN_OWNER_MISMATCH: [63, '', 'this user neither owns nor may renew the delegation token'],
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: [64, '', 'delegation tokens cannot be managed over this kind of connection'],
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: [65, '', 'this user lacks the right to see the delegation token'],
  DELEGATION_TOKEN_EXPIRED: [66, '', 'the delegation token has expired'],
  INVALID_PRINCIPAL_TYPE: [67, '', 'this type of principal is not supported'],
  NON_EMPTY_GROUP: [68, '', 'the group still has members'],
  GROUP_ID_NOT_FOUND: [69, '', 'there is no such group, or it is of another type'],
  FETCH_SESSION_ID_NOT_FOUND: [70, 'R', 'the broker has dropped the fetch session: begin a new one'],
  INVALID_FETCH_SESSION_EPOCH: [71, 'R', 'the fetch session is out of step: begin a new one'],
  LISTENER_NOT_FOUND: [72, 'M', 'the leader has no listener like the one that was asked'],
  TOPIC_DELETION_DISABLED: [73, '', 'delete.topic.enable is off'],
  FENCED_LEADER_EPOCH: [74, 'M', 'the leader epoch sent is older than the current one'],
  UNKNOWN_LEADER_EPOCH: [75, 'R', 'the leader epoch sent is newer than the one this broker knows'],
  UNSUPPORTED_COMPRESSION_TYPE: [76, '', 'this version of the request cannot carry that compression'],
  STALE_BROKER_EPOCH: [77, '', "the broker's registration is old (between brokers)"],
  OFFSET_NOT_AVAILABLE: [78, 'R', 'the new leader does not know its high watermark yet'],
  MEMBER_ID_REQUIRED: [79, '', 'join again with the member id just given'],
  PREFERRED_LEADER_NOT_AVAILABLE: [80, 'M', 'the preferred replica cannot lead now'],
  GROUP_MAX_SIZE_REACHED: [81, '', 'the group is full'],
  FENCED_INSTANCE_ID: [82, '', 'another member has taken over this group.instance.id'],
  ELIGIBLE_LEADERS_NOT_AVAILABLE: [83, 'M', 'no replica is fit to lead'],
  ELECTION_NOT_NEEDED: [84, 'R', 'the right replica leads already'],
  NO_REASSIGNMENT_IN_PROGRESS: [85, '', 'no reassignment is under way'],
  GROUP_SUBSCRIBED_TO_TOPIC: [86, '', 'the group is subscribed to the topic, so its offsets stay'],
  INVALID_RECORD: [87, '', 'the broker refused a record of the batch'],
  UNSTABLE_OFFSET_COMMIT: [88, 'R', 'a transaction that commits these offsets is still open'],
  THROTTLING_QUOTA_EXCEEDED: [89, 'R', 'the quota of topic changes is used up for now'],
  PRODUCER_FENCED: [90, '', 'a newer producer uses this transactional id'],
  RESOURCE_NOT_FOUND: [91, '', 'there is no such resource'],
  DUPLICATE_RESOURCE: [92, '', 'the request names a resource twice'],
  UNACCEPTABLE_CREDENTIAL: [93, '', 'the SCRAM credential is not acceptable'],
  INCONSISTENT_VOTER_SET: [94, '', 'the sets of voters differ (between controllers)'],
  INVALID_UPDATE_VERSION: [95, '', 'the version of the update is not allowed'],
  FEATURE_UPDATE_FAILED: [96, '', 'the feature level could not be changed'],
  PRINCIPAL_DESERIALIZATION_FAILURE: [97, '', 'a forwarded principal could not be read (between brokers)'],
  SNAPSHOT_NOT_FOUND: [98, '', 'there is no such snapshot (between controllers)'],
  POSITION_OUT_OF_RANGE: [99, '', 'the position is outside the snapshot (between controllers)'],
  UNKNOWN_TOPIC_ID: [100, 'M', 'the broker has no topic with that id'],
  DUPLICATE_BROKER_REGISTRATION: [101, '', 'the broker id is taken (between brokers)'],
  BROKER_ID_NOT_REGISTERED: [102, '', 'no broker is registered under that id'],
  INCONSISTENT_TOPIC_ID: [103, 'M', 'the topic has another id now: it was deleted and created again'],
  INCONSISTENT_CLUSTER_ID: [104, '', 'the request was meant for another cluster'],
  TRANSACTIONAL_ID_NOT_FOUND: [105, '', 'there is no such transactional id'],
  FETCH_SESSION_TOPIC_ID_ERROR: [106, 'R', 'the fetch session mixes topic names and ids: begin a new one'],
  INELIGIBLE_REPLICA: [107, '', 'the replica may not join the in-sync set (between brokers)'],
  NEW_LEADER_ELECTED: [108, '', 'the leader changed while the in-sync set was altered (between brokers)'],
  OFFSET_MOVED_TO_TIERED_STORAGE: [109, '', 'the offset lives in tiered storage now (between brokers)'],
  FENCED_MEMBER_EPOCH: [110, '', 'the coordinator has expelled this member: join again with epoch 0'],
  UNRELEASED_INSTANCE_ID: [111, '', 'another member still holds this group.instance.id'],
  UNSUPPORTED_ASSIGNOR: [112, '', 'the coordinator does not have the assignor'],
  STALE_MEMBER_EPOCH: [113, '', 'the member epoch is old: again after the next heartbeat'],
  MISMATCHED_ENDPOINT_TYPE: [114, '', 'asked a broker on a controller endpoint, or the reverse'],
  UNSUPPORTED_ENDPOINT_TYPE: [115, '', 'this type of endpoint is not known'],
  UNKNOWN_CONTROLLER_ID: [116, '', 'the controller id is not known'],
  UNKNOWN_SUBSCRIPTION_ID: [117, '', 'the telemetry subscription has changed: get it again'],
  TELEMETRY_TOO_LARGE: [118, '', 'the telemetry is larger than the broker takes'],
  INVALID_REGISTRATION: [119, '', 'the registration was refused (between brokers)'],
  TRANSACTION_ABORTABLE: [120, '', 'this transaction has to be aborted; the producer can go on after that'],
  INVALID_RECORD_STATE: [121, '', 'the record was acknowledged too late or twice'],
  SHARE_SESSION_NOT_FOUND: [122, 'R', 'the broker has dropped the share session: begin a new one'],
  INVALID_SHARE_SESSION_EPOCH: [123, 'R', 'the share session is out of step: begin a new one'],
  FENCED_STATE_EPOCH: [124, '', 'the epoch of the share state is old (between brokers)'],
  INVALID_VOTER_KEY: [125, '', "the voter's key does not match (between controllers)"],
  DUPLICATE_VOTER: [126, '', 'this controller is a voter already'],
  VOTER_NOT_FOUND: [127, '', 'this controller is not a voter'],
  INVALID_REGULAR_EXPRESSION: [128, '', 'the subscription is not a regular expression that the broker (RE2) takes'],
  REBOOTSTRAP_REQUIRED: [129, 'm', 'forget all brokers and begin again with the bootstrap list'],
  STREAMS_INVALID_TOPOLOGY: [130, '', 'the streams topology was refused'],
  STREAMS_INVALID_TOPOLOGY_EPOCH: [131, '', 'the epoch of the streams topology was refused'],
  STREAMS_TOPOLOGY_FENCED: [132, '', 'the streams topology is older than the current one'],
  SHARE_SESSION_LIMIT_REACHED: [133, 'R', 'the broker has too many share sessions'],
  GROUP_DELETION_FAILED: [134, '', 'the group could not be deleted; the message of the broker says why'],
  STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED: [135, '', 'the description of the streams topology was not taken'],
  CONTROLLER_ID_NOT_REGISTERED: [136, '', 'no controller is registered under that id'],
} as const;

/** Name of a code that Kafka has given out, e.g. `NOT_LEADER_OR_FOLLOWER`. */
export type ErrorName = keyof typeof table;

/** One error code of the protocol. */
export interface ErrorCode {
  readonly code: number;
  /** An `ErrorName`, or `UNKNOWN_CODE_<n>` for a code that is newer than this table. */
  readonly name: string;
  /** Kafka's word for it: may the same request succeed later? */
  readonly retriable: boolean;
  /** Is old metadata the cause, so that it has to be refreshed first? */
  readonly refreshesMetadata: boolean;
  readonly text: string;
}

/** The number of each name. */
export type ErrorCodeOf = Readonly<Record<ErrorName, number>>;

const names = /* @__PURE__ */ Object.keys(table) as ErrorName[]; // exactly the keys: `table` is a literal

/** All known codes, ascending. */
export const errorCodes: readonly ErrorCode[] = /* @__PURE__ */ names.map((name) => {
  const [code, kind, text]: readonly [number, Kind, string] = table[name];
  const retriable = kind === 'R' || kind === 'M';
  return { code, name, retriable, refreshesMetadata: kind === 'M' || kind === 'm', text };
});

/** Codes by name: `Errors.NOT_LEADER_OR_FOLLOWER === 6`. */
export const Errors: ErrorCodeOf = /* @__PURE__ */ Object.fromEntries(
  /* @__PURE__ */ names.map((name) => [name, table[name][0]]),
) as ErrorCodeOf;

const byCode: ReadonlyMap<number, ErrorCode> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ errorCodes.map((error) => [error.code, error]),
);

/**
 * What a code means. Never throws: a code this table lacks gets a name of its own and is not retriable.
 *
 * @example const { name, retriable, text } = errorByCode(27); // REBALANCE_IN_PROGRESS
 */
export function errorByCode(code: number): ErrorCode {
  const unknown = { retriable: false, refreshesMetadata: false, text: 'a code this version of hopwire does not know' };
  return byCode.get(code) ?? { code, name: `UNKNOWN_CODE_${code}`, ...unknown };
}
