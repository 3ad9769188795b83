// The shapes of StreamsGroupHeartbeat in memory; which version has what stands in streams-group-heartbeat.ts.
import type { Outcome } from './outcome.ts';
import type { StreamsEndpoint } from './streams-endpoint.ts';
import type { StreamsInternalTopic, StreamsKeyValue } from './streams-internal-topic.ts';
import type { StreamsAssignmentChange, StreamsTaskOffset } from './streams-task.ts';
import type { TopicPartitions } from './topic-partitions.ts';

/** With the tasks the member owns. */
export interface StreamsGroupHeartbeatRequest extends StreamsAssignmentChange {
  group: string;
  memberId: string; // made by the member itself
  memberEpoch: number; // 0: join, -1: leave, -2: leave, and a static member comes back
  endpointInformationEpoch: number; // the one last received
  instanceId: string | null;
  rackId: string | null;
  rebalanceTimeoutMillis: number;
  topology: StreamsGroupHeartbeatRequestTopology | null; // only when joining
  processId: string | null; // of the instance, which may have many members
  userEndpoint: StreamsEndpoint | null;
  clientTags: StreamsKeyValue[] | null;
  taskOffsets: StreamsTaskOffset[] | null;
  taskEndOffsets: StreamsTaskOffset[] | null;
  shutdownApplication: boolean; // all members are to stop
}

export interface StreamsGroupHeartbeatRequestTopology {
  epoch: number;
  subtopologies: StreamsGroupHeartbeatRequestSubtopology[];
}

export interface StreamsGroupHeartbeatRequestSubtopology {
  subtopologyId: string;
  sourceTopics: string[];
  sourceTopicRegex: string[];
  stateChangelogTopics: StreamsInternalTopic[];
  repartitionSinkTopics: string[];
  repartitionSourceTopics: StreamsInternalTopic[];
  copartitionGroups: StreamsGroupHeartbeatRequestCopartitionGroup[];
}

/** Topics that must have the same number of partitions: places in the lists of the subtopology. */
export interface StreamsGroupHeartbeatRequestCopartitionGroup {
  sourceTopics: number[];
  sourceTopicRegex: number[];
  repartitionSourceTopics: number[];
}

/** With the tasks the member is to have. */
export interface StreamsGroupHeartbeatResponse extends Outcome, StreamsAssignmentChange {
  memberId: string;
  memberEpoch: number; // to be sent with the next heartbeat
  heartbeatIntervalMillis: number;
  acceptableRecoveryLagLegacy: number; // v0
  taskOffsetIntervalMillis: number; // how often taskOffsets are wanted
  acceptableRecoveryLag: bigint; // v1+; offsets a standby may be behind to become active, -1: not known
  status: StreamsGroupHeartbeatResponseStatus[] | null;
  topologyDescriptionRequired: boolean; // v1+; answer with StreamsGroupTopologyDescriptionUpdate
  endpointInformationEpoch: number;
  partitionsByUserEndpoint: StreamsGroupHeartbeatResponseEndpointPartitions[] | null; // null: unchanged
}

export interface StreamsGroupHeartbeatResponseStatus {
  /**
   * 0 stale topology, 1 source topics missing, 2 partition counts do not match, 3 internal topics missing, 4 the
   * application is to stop, 5 assignment delayed, 6 (v1+) client tags missing.
   */
  statusCode: number;
  statusDetail: string;
}

/** Of one member; there are as many for an endpoint as its instance has members. */
export interface StreamsGroupHeartbeatResponseEndpointPartitions {
  userEndpoint: StreamsEndpoint;
  activePartitions: TopicPartitions[];
  standbyPartitions: TopicPartitions[];
}
