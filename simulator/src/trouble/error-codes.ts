// Error codes that a broker answers in passing, by API: a client gets over every one of them.
import { type ErrorName, Errors } from '@hopwire/protocol';

const LEADER = [
  'NOT_LEADER_OR_FOLLOWER',
  'LEADER_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'UNKNOWN_TOPIC_OR_PARTITION',
] as const;
const EPOCH = ['FENCED_LEADER_EPOCH', 'UNKNOWN_LEADER_EPOCH', 'OFFSET_NOT_AVAILABLE'] as const;
const COORDINATOR = ['COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'NOT_COORDINATOR'] as const;
const STRANGER = ['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'] as const;
const MEMBER = ['REBALANCE_IN_PROGRESS', ...STRANGER] as const;

const byApi: Readonly<Record<string, readonly ErrorName[]>> = {
  Produce: [...LEADER, 'REQUEST_TIMED_OUT', 'NOT_ENOUGH_REPLICAS', 'NETWORK_EXCEPTION'],
  Fetch: [...LEADER, ...EPOCH, 'FETCH_SESSION_ID_NOT_FOUND', 'INVALID_FETCH_SESSION_EPOCH'],
  ListOffsets: [...LEADER, ...EPOCH],
  Metadata: ['LEADER_NOT_AVAILABLE', 'UNKNOWN_SERVER_ERROR', 'UNKNOWN_TOPIC_OR_PARTITION'],
  OffsetCommit: [...COORDINATOR, ...MEMBER, 'REQUEST_TIMED_OUT'],
  OffsetFetch: [...COORDINATOR, 'UNSTABLE_OFFSET_COMMIT'],
  FindCoordinator: ['COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE'],
  JoinGroup: [...COORDINATOR, 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS'],
  // A rebalance that was not noted as a sign of life would be a lie: the session would end while the member knows nothing.
  Heartbeat: [...COORDINATOR, ...STRANGER],
  LeaveGroup: [...COORDINATOR, 'UNKNOWN_MEMBER_ID'],
  SyncGroup: [...COORDINATOR, ...MEMBER],
  CreateTopics: ['NOT_CONTROLLER', 'REQUEST_TIMED_OUT'],
  DeleteTopics: ['NOT_CONTROLLER', 'REQUEST_TIMED_OUT'],
  InitProducerId: [...COORDINATOR, 'CONCURRENT_TRANSACTIONS'],
};

export function errorCodesOf(api: string): readonly number[] {
  return (byApi[api] ?? []).map((name) => Errors[name]);
}
