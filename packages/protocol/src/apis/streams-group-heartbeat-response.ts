// The response of StreamsGroupHeartbeat; its shape stands in streams-group-heartbeat-shapes.ts, the
// version notes in streams-group-heartbeat.ts.
import type { Codec } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { outcome } from './outcome.ts';
import { streamsEndpoint } from './streams-endpoint.ts';
import type {
  StreamsGroupHeartbeatResponse,
  StreamsGroupHeartbeatResponseEndpointPartitions,
} from './streams-group-heartbeat-shapes.ts';
import { streamsAssignmentChange } from './streams-task.ts';
import { topicPartitions } from './topic-partitions.ts';

export const streamsGroupHeartbeatResponse: Codec<StreamsGroupHeartbeatResponse> = { encode, decode };

function encode(w: Writer, v: number, response: StreamsGroupHeartbeatResponse): void {
  outcome.encode(w, response);
  w.string(response.memberId);
  w.int32(response.memberEpoch);
  w.int32(response.heartbeatIntervalMillis);
  if (v === 0) w.int32(response.acceptableRecoveryLagLegacy);
  w.int32(response.taskOffsetIntervalMillis);
  if (v >= 1) w.int64(response.acceptableRecoveryLag);
  w.nullableStructs(response.status, ({ statusCode, statusDetail }) => {
    w.int8(statusCode);
    w.string(statusDetail);
  });
  streamsAssignmentChange.encode(w, response);
  if (v >= 1) w.bool(response.topologyDescriptionRequired);
  w.int32(response.endpointInformationEpoch);
  w.nullableStructs(response.partitionsByUserEndpoint, (endpoint) => encodeEndpointPartitions(w, endpoint));
  w.tags();
}

function encodeEndpointPartitions(w: Writer, endpoint: StreamsGroupHeartbeatResponseEndpointPartitions): void {
  w.struct(endpoint.userEndpoint, (userEndpoint) => streamsEndpoint.encode(w, userEndpoint));
  w.structs(endpoint.activePartitions, (topic) => topicPartitions.encode(w, topic));
  w.structs(endpoint.standbyPartitions, (topic) => topicPartitions.encode(w, topic));
}

function decode(r: Reader, v: number): StreamsGroupHeartbeatResponse {
  const response = {
    ...outcome.decode(r),
    memberId: r.string(),
    memberEpoch: r.int32(),
    heartbeatIntervalMillis: r.int32(),
    acceptableRecoveryLagLegacy: v === 0 ? r.int32() : 0,
    taskOffsetIntervalMillis: r.int32(),
    acceptableRecoveryLag: v >= 1 ? r.int64() : -1n,
    status: r.nullableStructs(() => ({ statusCode: r.int8(), statusDetail: r.string() })),
    ...streamsAssignmentChange.decode(r),
    topologyDescriptionRequired: v >= 1 ? r.bool() : false,
    endpointInformationEpoch: r.int32(),
    partitionsByUserEndpoint: r.nullableStructs(() => decodeEndpointPartitions(r)),
  };
  r.tags();
  return response;
}

function decodeEndpointPartitions(r: Reader): StreamsGroupHeartbeatResponseEndpointPartitions {
  return {
    userEndpoint: r.struct(() => streamsEndpoint.decode(r)),
    activePartitions: r.structs(() => topicPartitions.decode(r)),
    standbyPartitions: r.structs(() => topicPartitions.decode(r)),
  };
}
