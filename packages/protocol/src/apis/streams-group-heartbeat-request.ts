// The request of StreamsGroupHeartbeat; its shape stands in streams-group-heartbeat-shapes.ts, the
// version notes in streams-group-heartbeat.ts.
import type { Codec } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { streamsEndpoint } from './streams-endpoint.ts';
import type {
  StreamsGroupHeartbeatRequest,
  StreamsGroupHeartbeatRequestCopartitionGroup,
  StreamsGroupHeartbeatRequestSubtopology,
  StreamsGroupHeartbeatRequestTopology,
} from './streams-group-heartbeat-shapes.ts';
import { streamsInternalTopics, streamsKeyValue } from './streams-internal-topic.ts';
import { streamsAssignmentChange, streamsTaskOffset } from './streams-task.ts';

export const streamsGroupHeartbeatRequest: Codec<StreamsGroupHeartbeatRequest> = { encode, decode };

function encode(w: Writer, _v: number, request: StreamsGroupHeartbeatRequest): void {
  w.string(request.group);
  w.string(request.memberId);
  w.int32(request.memberEpoch);
  w.int32(request.endpointInformationEpoch);
  w.nullableString(request.instanceId);
  w.nullableString(request.rackId);
  w.int32(request.rebalanceTimeoutMillis);
  w.nullableStruct(request.topology, (topology) => encodeTopology(w, topology));
  streamsAssignmentChange.encode(w, request);
  w.nullableString(request.processId);
  w.nullableStruct(request.userEndpoint, (endpoint) => streamsEndpoint.encode(w, endpoint));
  w.nullableStructs(request.clientTags, (tag) => streamsKeyValue.encode(w, tag));
  w.nullableStructs(request.taskOffsets, (task) => streamsTaskOffset.encode(w, task));
  w.nullableStructs(request.taskEndOffsets, (task) => streamsTaskOffset.encode(w, task));
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
  streamsInternalTopics.encode(w, subtopology.stateChangelogTopics);
  w.array(subtopology.repartitionSinkTopics, (topic) => w.string(topic));
  streamsInternalTopics.encode(w, subtopology.repartitionSourceTopics);
  w.structs(subtopology.copartitionGroups, (group) => encodeCopartitionGroup(w, group));
}

function encodeCopartitionGroup(w: Writer, group: StreamsGroupHeartbeatRequestCopartitionGroup): void {
  w.array(group.sourceTopics, (place) => w.int16(place));
  w.array(group.sourceTopicRegex, (place) => w.int16(place));
  w.array(group.repartitionSourceTopics, (place) => w.int16(place));
}

function decode(r: Reader): StreamsGroupHeartbeatRequest {
  const request = {
    group: r.string(),
    memberId: r.string(),
    memberEpoch: r.int32(),
    endpointInformationEpoch: r.int32(),
    instanceId: r.nullableString(),
    rackId: r.nullableString(),
    rebalanceTimeoutMillis: r.int32(),
    topology: r.nullableStruct(() => decodeTopology(r)),
    ...streamsAssignmentChange.decode(r),
    processId: r.nullableString(),
    userEndpoint: r.nullableStruct(() => streamsEndpoint.decode(r)),
    clientTags: r.nullableStructs(() => streamsKeyValue.decode(r)),
    taskOffsets: r.nullableStructs(() => streamsTaskOffset.decode(r)),
    taskEndOffsets: r.nullableStructs(() => streamsTaskOffset.decode(r)),
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
    stateChangelogTopics: streamsInternalTopics.decode(r),
    repartitionSinkTopics: r.array(() => r.string()),
    repartitionSourceTopics: streamsInternalTopics.decode(r),
    copartitionGroups: r.structs(() => ({
      sourceTopics: r.array(() => r.int16()),
      sourceTopicRegex: r.array(() => r.int16()),
      repartitionSourceTopics: r.array(() => r.int16()),
    })),
  };
}
