// The response's two functions of StreamsGroupHeartbeat; its shape stands in streams-group-heartbeat-shapes.ts, the
// version notes in streams-group-heartbeat.ts.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { decodeOutcome, encodeOutcome } from './outcome.ts';
import { decodeStreamsEndpoint, encodeStreamsEndpoint } from './streams-endpoint.ts';
import type {
  StreamsGroupHeartbeatResponse,
  StreamsGroupHeartbeatResponseEndpointPartitions,
} from './streams-group-heartbeat-shapes.ts';
import { decodeStreamsAssignmentChange, encodeStreamsAssignmentChange } from './streams-task.ts';
import { decodeTopicPartitions, encodeTopicPartitions } from './topic-partitions.ts';

export function encodeStreamsGroupHeartbeatResponse(
  w: Writer,
  v: number,
  response: StreamsGroupHeartbeatResponse,
): void {
  encodeOutcome(w, response);
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
  encodeStreamsAssignmentChange(w, response);
  if (v >= 1) w.bool(response.topologyDescriptionRequired);
  w.int32(response.endpointInformationEpoch);
  w.nullableStructs(response.partitionsByUserEndpoint, (endpoint) => encodeEndpointPartitions(w, endpoint));
  w.tags();
}

function encodeEndpointPartitions(w: Writer, endpoint: StreamsGroupHeartbeatResponseEndpointPartitions): void {
  w.struct(endpoint.userEndpoint, (userEndpoint) => encodeStreamsEndpoint(w, userEndpoint));
  w.structs(endpoint.activePartitions, (topic) => encodeTopicPartitions(w, topic));
  w.structs(endpoint.standbyPartitions, (topic) => encodeTopicPartitions(w, topic));
}

export function decodeStreamsGroupHeartbeatResponse(r: Reader, v: number): StreamsGroupHeartbeatResponse {
  const response = {
    ...decodeOutcome(r),
    memberId: r.string(),
    memberEpoch: r.int32(),
    heartbeatIntervalMillis: r.int32(),
    acceptableRecoveryLagLegacy: v === 0 ? r.int32() : 0,
    taskOffsetIntervalMillis: r.int32(),
    acceptableRecoveryLag: v >= 1 ? r.int64() : -1n,
    status: r.nullableStructs(() => ({ statusCode: r.int8(), statusDetail: r.string() })),
    ...decodeStreamsAssignmentChange(r),
    topologyDescriptionRequired: v >= 1 ? r.bool() : false,
    endpointInformationEpoch: r.int32(),
    partitionsByUserEndpoint: r.nullableStructs(() => decodeEndpointPartitions(r)),
  };
  r.tags();
  return response;
}

function decodeEndpointPartitions(r: Reader): StreamsGroupHeartbeatResponseEndpointPartitions {
  return {
    userEndpoint: r.struct(() => decodeStreamsEndpoint(r)),
    activePartitions: r.structs(() => decodeTopicPartitions(r)),
    standbyPartitions: r.structs(() => decodeTopicPartitions(r)),
  };
}
