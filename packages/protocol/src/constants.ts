// Enumerations of the protocol that no single API owns. A field that holds one of them is a plain number or string: a
// newer broker may send values that are not listed here.

/** Produce `acks`. */
export const Acks = { none: 0, leader: 1, all: -1 } as const;
/** Fetch and ListOffsets `isolationLevel`. */
export const IsolationLevel = { readUncommitted: 0, readCommitted: 1 } as const;
/** FindCoordinator `keyType`. */
export const CoordinatorType = { group: 0, transaction: 1, share: 2 } as const;
/** ListOffsets `timestamp` values with a meaning of their own. */
export const SpecialTimestamp = {
  latest: -1n,
  earliest: -2n,
  maxTimestamp: -3n,
  earliestLocal: -4n,
  latestTiered: -5n,
  earliestPendingUpload: -6n,
} as const;
/** `*AuthorizedOperations` when they were not asked for. */
export const OPERATIONS_NOT_ASKED = -2147483648;

/** DescribeAcls, CreateAcls and DeleteAcls: what an ACL protects. `any` only in filters. */
export const AclResourceType = {
  any: 1,
  topic: 2,
  group: 3,
  /** Its only name is `kafka-cluster`. */
  cluster: 4,
  transactionalId: 5,
  delegationToken: 6,
  /** From v3 of these APIs on (KIP-373). */
  user: 7,
} as const;

/** How the resource name of an ACL is meant (KIP-290). `any` and `match` only in filters. */
export const AclPatternType = {
  any: 1,
  /** All that apply to the name: literal, wildcard and prefixed ones. */
  match: 2,
  literal: 3,
  prefixed: 4,
} as const;

/**
 * What an ACL is about; in filters `any` is any of them. In `*AuthorizedOperations` the bit `1 << operation` is set for
 * each one that is allowed.
 */
export const AclOperation = {
  any: 1,
  /** All operations of the resource at once. */
  all: 2,
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  clusterAction: 9,
  describeConfigs: 10,
  alterConfigs: 11,
  idempotentWrite: 12,
  createTokens: 13,
  describeTokens: 14,
  twoPhaseCommit: 15,
} as const;

/** Does an ACL allow or forbid? A denial outweighs. `any` only in filters. */
export const AclPermissionType = { any: 1, deny: 2, allow: 3 } as const;

/** DescribeConfigs, AlterConfigs, IncrementalAlterConfigs and ListConfigResources `resourceType`. */
export const ConfigResourceType = {
  topic: 2,
  /** Name: the node id; empty for what holds for all brokers. */
  broker: 4,
  /** Name: the node id. Values are log levels. */
  brokerLogger: 8,
  clientMetrics: 16,
  group: 32,
} as const;

/** IncrementalAlterConfigs `configOperation`. */
export const AlterConfigOperation = {
  set: 0,
  /** Back to the default. */
  delete: 1,
  /** Adds to a list. */
  append: 2,
  /** Takes from a list. */
  subtract: 3,
} as const;

/** DescribeConfigs and CreateTopics `configSource`: where a value comes from. -1: not told. */
export const ConfigSource = {
  topic: 1,
  /** Set at run time for one broker. */
  broker: 2,
  /** Set at run time for all brokers. */
  defaultBroker: 3,
  /** From the broker's file. */
  staticBroker: 4,
  default: 5,
  brokerLogger: 6,
  clientMetrics: 7,
  group: 8,
} as const;

/** DescribeConfigs `configType`. */
export const ConfigType = {
  unknown: 0,
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
} as const;

/** ElectLeaders `electionType`. */
export const ElectionType = {
  preferred: 0,
  /** Of a replica that is not in sync, if no other is alive: records may be lost. */
  unclean: 1,
} as const;

/** DescribeClientQuotas `matchType`. */
export const QuotaMatchType = {
  /** The entity of this name. */
  exact: 0,
  /** The default entity. */
  default: 1,
  /** Any entity that has a name. */
  any: 2,
} as const;

/** `mechanism` of DescribeUserScramCredentials and AlterUserScramCredentials, by the name that SASL has for it. */
export const ScramMechanismId = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 } as const;

/** ListGroups `groupType` and `typesFilter`; case does not matter in the filter. Empty: the broker does not know. */
export const GroupType = {
  classic: 'classic',
  /** KIP-848. */
  consumer: 'consumer',
  /** KIP-932. */
  share: 'share',
  /** KIP-1071. */
  streams: 'streams',
} as const;

/** ListGroups `groupState` and `statesFilter`, and the state in the descriptions of groups. */
export const GroupState = {
  empty: 'Empty',
  stable: 'Stable',
  dead: 'Dead',
  /** Classic groups. */
  preparingRebalance: 'PreparingRebalance',
  /** Classic groups. */
  completingRebalance: 'CompletingRebalance',
  /** The broker assigns (KIP-848). */
  assigning: 'Assigning',
  /** Members take and give up partitions (KIP-848). */
  reconciling: 'Reconciling',
  /** Streams groups whose topics are not as the topology needs them (KIP-1071). */
  notReady: 'NotReady',
} as const;

/** ConsumerGroupDescribe `memberType`. */
export const GroupMemberType = { unknown: -1, classic: 0, consumer: 1 } as const;

/** ListTransactions and DescribeTransactions: the state of a transaction. */
export const TransactionState = {
  empty: 'Empty',
  ongoing: 'Ongoing',
  prepareCommit: 'PrepareCommit',
  prepareAbort: 'PrepareAbort',
  completeCommit: 'CompleteCommit',
  completeAbort: 'CompleteAbort',
  dead: 'Dead',
  prepareEpochFence: 'PrepareEpochFence',
} as const;

/** DescribeCluster `endpointType` (KIP-919). */
export const EndpointType = { broker: 1, controller: 2 } as const;

/** UpdateFeatures `upgradeType` (KIP-778). */
export const FeatureUpgradeType = {
  upgrade: 1,
  /** Refused when metadata would be lost. */
  safeDowngrade: 2,
  unsafeDowngrade: 3,
} as const;

/** ShareFetch and ShareAcknowledge `acknowledgeTypes` (KIP-932). */
export const AcknowledgeType = {
  /** There is no record at this offset. */
  gap: 0,
  /** Done. */
  accept: 1,
  /** Not done: to be delivered again. */
  release: 2,
  /** Not done, and not to be delivered again. */
  reject: 3,
  /** Still at work: the lock is prolonged (v2+). */
  renew: 4,
} as const;
