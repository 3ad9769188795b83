// The shapes of Metadata in memory; which version has what stands in metadata.ts.

export interface MetadataRequest {
  topics: MetadataRequestTopic[] | null; // null: all topics
  allowAutoTopicCreation: boolean; // v4+; true below it
  includeClusterAuthorizedOperations: boolean; // v8-10
  includeTopicAuthorizedOperations: boolean; // v8+
}

export interface MetadataRequestTopic {
  topicId: string; // v10+; asked for only from v12 on
  name: string | null; // null from v10 on: by the id
}

export interface MetadataResponse {
  throttleTimeMs: number; // v3+
  brokers: MetadataResponseBroker[];
  clusterId: string | null; // v2+
  controllerId: number; // v1+; -1: none
  topics: MetadataResponseTopic[];
  clusterAuthorizedOperations: number; // v8-10; a bit for each AclOperation; OPERATIONS_NOT_ASKED
  errorCode: number; // v13+
}

export interface MetadataResponseBroker {
  nodeId: number;
  host: string;
  port: number;
  rack: string | null; // v1+
}

export interface MetadataResponseTopic {
  errorCode: number;
  name: string | null; // null from v12 on
  topicId: string; // v10+
  isInternal: boolean; // v1+
  partitions: MetadataResponsePartition[];
  topicAuthorizedOperations: number; // v8+; a bit for each AclOperation; OPERATIONS_NOT_ASKED
}

export interface MetadataResponsePartition {
  errorCode: number;
  partitionIndex: number;
  leaderId: number; // -1: none
  leaderEpoch: number; // v7+; -1: unknown
  replicaNodes: number[];
  isrNodes: number[];
  offlineReplicas: number[]; // v5+
}
