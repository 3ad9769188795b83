// The shapes of StreamsGroupDescribe in memory; which version has what stands in streams-group-describe.ts.
import type { StreamsEndpoint } from './streams-endpoint.ts';
import type { StreamsInternalTopic, StreamsKeyValue } from './streams-internal-topic.ts';
import type { StreamsAssignment, StreamsTaskOffset } from './streams-task.ts';
import type { StreamsTopologyDescription } from './streams-topology-description.ts';

export interface StreamsGroupDescribeRequest {
  groups: string[];
  includeAuthorizedOperations: boolean;
  includeTopologyDescription: boolean; // v1+
}

export interface StreamsGroupDescribeResponse {
  throttleTimeMs: number;
  groups: StreamsGroupDescribeResponseGroup[];
}

export interface StreamsGroupDescribeResponseGroup {
  errorCode: number;
  errorMessage: string | null;
  group: string;
  state: string; // GroupState; '' with an error
  epoch: number;
  assignmentEpoch: number;
  topology: StreamsGroupDescribeResponseTopology | null; // null: with an error
  members: StreamsGroupDescribeResponseMember[];
  authorizedOperations: number; // a bit for each AclOperation; OPERATIONS_NOT_ASKED
  topologyDescription: StreamsTopologyDescription | null; // v1+
  topologyDescriptionStatus: number; // v1+; 0: not asked for, 1: none, 2: error, 3: there it is
  assignorName: string | null; // v1+; of the next assignment, null: with an error
}

export interface StreamsGroupDescribeResponseTopology {
  epoch: number;
  subtopologies: StreamsGroupDescribeResponseSubtopology[] | null; // null: topics are missing or do not match
}

export interface StreamsGroupDescribeResponseSubtopology {
  subtopologyId: string;
  sourceTopics: string[];
  repartitionSinkTopics: string[];
  stateChangelogTopics: StreamsInternalTopic[];
  repartitionSourceTopics: StreamsInternalTopic[];
}

export interface StreamsGroupDescribeResponseMember {
  memberId: string;
  memberEpoch: number;
  instanceId: string | null;
  rackId: string | null;
  clientId: string;
  clientHost: string;
  topologyEpoch: number;
  processId: string;
  userEndpoint: StreamsEndpoint | null;
  clientTags: StreamsKeyValue[];
  taskOffsets: StreamsTaskOffset[];
  taskEndOffsets: StreamsTaskOffset[];
  assignment: StreamsAssignment;
  targetAssignment: StreamsAssignment; // what the member will have when all have followed
  isClassic: boolean; // of the older protocol
}
