// Which kind of membership the options ask for.
import type { Cluster } from '../cluster/cluster.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import { AllPartitions } from './all-partitions.ts';
import { rangeAssignor } from './assignors/range.ts';
import { ClassicGroup } from './classic.ts';
import type { AssignmentHandler, Membership } from './membership.ts';
import { TopicChoice } from './topic-choice.ts';

const ASSIGNORS = [rangeAssignor];

/** @throws {TypeError} when none of the wanted assignors is available */
export function membershipFor(
  cluster: Cluster,
  topics: readonly (string | RegExp)[],
  options: ResolvedConsumerOptions<unknown, unknown>,
  handler: AssignmentHandler,
): Membership {
  const { groupId, groupInstanceId = null, sessionTimeoutMs, heartbeatIntervalMs, maxProcessingMs } = options;
  const choice = new TopicChoice(cluster, topics, options.onMissingTopic);
  if (groupId === undefined) return new AllPartitions(cluster, choice, handler);
  const assignors = ASSIGNORS.filter(({ name }) => options.assignors.some((wanted) => wanted === name));
  if (assignors.length === 0) {
    throw new TypeError(`consumer: assignors ${options.assignors.join(', ')} are not available; use 'range'`);
  }
  const timeouts = { sessionTimeoutMs, rebalanceTimeoutMs: maxProcessingMs, heartbeatIntervalMs };
  return new ClassicGroup(cluster, { groupId, groupInstanceId, ...timeouts, assignors }, choice, handler);
}
