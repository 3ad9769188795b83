// The request's two functions of StreamsGroupHeartbeat; its shape stands in streams-group-heartbeat-shapes.ts, the
// version notes in streams-group-heartbeat.ts.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { decodeStreamsEndpoint, encodeStreamsEndpoint } from './streams-endpoint.ts';
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatRequestCopartitionGroup,
  StreamsGroupHeartbeatRequestSubtopology,
  StreamsGroupHeartbeatRequestTopology,
} from './streams-group-heartbeat-shapes.ts';
import {
  decodeStreamsInternalTopics,
  decodeStreamsKeyValue,
  encodeStreamsInternalTopics,
  encodeStreamsKeyValue,
} from './streams-internal-topic.ts';
import {
  decodeStreamsAssignmentChange,
  decodeStreamsTaskOffset,
  encodeStreamsAssignmentChange,
  encodeStreamsTaskOffset,
} from './streams-task.ts';

export function encodeStreamsGroupHeartbeatRequest(w: Writer, _v: number, request: StreamsGroupHeartbeatRequest): void {
  w.string(request.group);
  w.string(request.memberId);
  w.int32(request.memberEpoch);
  w.int32(request.endpointInformationEpoch);
  w.nullableString(request.instanceId);
  w.nullableString(request.rackId);
  w.int32(request.rebalanceTimeoutMillis);
  w.nullableStruct(request.topology, (topology) => encodeTopology(w, topology));
  encodeStreamsAssignmentChange(w, request);
  w.nullableString(request.processId);
  w.nullableStruct(request.userEndpoint, (endpoint) => encodeStreamsEndpoint(w, endpoint));
  w.nullableStructs(request.clientTags, (tag) => encodeStreamsKeyValue(w, tag));
  w.nullableStructs(request.taskOffsets, (task) => encodeStreamsTaskOffset(w, task));
  w.nullableStructs(request.taskEndOffsets, (task) => encodeStreamsTaskOffset(w, task));
  w.bool(request.shutdownApplication);
  w.tags();
}

function encodeTopology(w: Writer, topology: StreamsGroupHeartbeatRequestTopology): void {
  w.int32(topology.epoch);
  w.structs(topology.subtopologies, (subtopology) => encodeSubtopology(w, subtopology));
}

function encodeSubtopology(w: Writer, subtopology: StreamsGroupHeartbeatRequestSubtopology): void {
  w.string(subtopology.subtopologyId);
  w.array(subtopology.sourceTopics, (topic) => w.string(topic));
  w.array(subtopology.sourceTopicRegex, (regex) => w.string(regex));
  encodeStreamsInternalTopics(w, subtopology.stateChangelogTopics);
  w.array(subtopology.repartitionSinkTopics, (topic) => w.string(topic));
  encodeStreamsInternalTopics(w, subtopology.repartitionSourceTopics);
  w.structs(subtopology.copartitionGroups, (group) => encodeCopartitionGroup(w, group));
}

function encodeCopartitionGroup(w: Writer, group: StreamsGroupHeartbeatRequestCopartitionGroup): void {
  w.array(group.sourceTopics, (place) => w.int16(place));
  w.array(group.sourceTopicRegex, (place) => w.int16(place));
  w.array(group.repartitionSourceTopics, (place) => w.int16(place));
}

export function decodeStreamsGroupHeartbeatRequest(r: Reader): StreamsGroupHeartbeatRequest {
  const request = {
    group: r.string(),
    memberId: r.string(),
    memberEpoch: r.int32(),
    endpointInformationEpoch: r.int32(),
    instanceId: r.nullableString(),
    rackId: r.nullableString(),
    rebalanceTimeoutMillis: r.int32(),
    topology: r.nullableStruct(() => decodeTopology(r)),
    ...decodeStreamsAssignmentChange(r),
    processId: r.nullableString(),
    userEndpoint: r.nullableStruct(() => decodeStreamsEndpoint(r)),
    clientTags: r.nullableStructs(() => decodeStreamsKeyValue(r)),
    taskOffsets: r.nullableStructs(() => decodeStreamsTaskOffset(r)),
    taskEndOffsets: r.nullableStructs(() => decodeStreamsTaskOffset(r)),
    shutdownApplication: r.bool(),
  };
  r.tags();
  return request;
}

function decodeTopology(r: Reader): StreamsGroupHeartbeatRequestTopology {
  return { epoch: r.int32(), subtopologies: r.structs(() => decodeSubtopology(r)) };
}

function decodeSubtopology(r: Reader): StreamsGroupHeartbeatRequestSubtopology {
  return {
    subtopologyId: r.string(),
    sourceTopics: r.array(() => r.string()),
    sourceTopicRegex: r.array(() => r.string()),
    stateChangelogTopics: decodeStreamsInternalTopics(r),
    repartitionSinkTopics: r.array(() => r.string()),
    repartitionSourceTopics: decodeStreamsInternalTopics(r),
    copartitionGroups: r.structs(() => ({
      sourceTopics: r.array(() => r.int16()),
      sourceTopicRegex: r.array(() => r.int16()),
      repartitionSourceTopics: r.array(() => r.int16()),
    })),
  };
}
