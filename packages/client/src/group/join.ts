// Which kind of membership the options ask for.
import type { Cluster } from '../cluster/cluster.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import { AllPartitions } from './all-partitions.ts';
import { rangeAssignor } from './assignors/range.ts';
import { ClassicGroup } from './classic.ts';
import type { Coordinator } from './coordinator.ts';
import type { AssignmentHandler, Membership } from './membership.ts';

const ASSIGNORS = [rangeAssignor];

/** What it takes of the consumer's options. */
export type MembershipOptions = Pick<
  ResolvedConsumerOptions<unknown, unknown>,
  | 'groupId'
  | 'groupInstanceId'
  | 'sessionTimeoutMs'
  | 'heartbeatIntervalMs'
  | 'maxProcessingMs'
  | 'assignors'
  | 'onMissingTopic'
>;

/**
 * Not started yet.
 *
 * @param coordinator null: no group
 * @param memberId of the membership before this one; '': none, or it has left
 * @throws {TypeError} when none of the wanted assignors is available
 */
export function membershipFor(
  cluster: Cluster,
  coordinator: Coordinator | null,
  topics: readonly (string | RegExp)[],
  options: MembershipOptions,
  handler: AssignmentHandler,
  memberId = '',
): Membership {
  const choice = { topics, onMissing: options.onMissingTopic };
  const { groupInstanceId = null, sessionTimeoutMs, heartbeatIntervalMs, maxProcessingMs } = options;
  if (coordinator === null) return new AllPartitions(cluster, choice, handler);
  const assignors = ASSIGNORS.filter(({ name }) => options.assignors.some((wanted) => wanted === name));
  if (assignors.length === 0) {
    throw new TypeError(`consumer: assignors ${options.assignors.join(', ')} are not available; use 'range'`);
  }
  const timeouts = { sessionTimeoutMs, rebalanceTimeoutMs: maxProcessingMs, heartbeatIntervalMs };
  return new ClassicGroup(cluster, coordinator, { groupInstanceId, memberId, ...timeouts, assignors }, choice, handler);
}
