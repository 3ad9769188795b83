// The response of StreamsGroupDescribe; its shape stands in streams-group-describe-shapes.ts, the
// version notes in streams-group-describe.ts.
import type { Codec } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { streamsEndpoint } from './streams-endpoint.ts';
import type {
  StreamsGroupDescribeResponse,
  StreamsGroupDescribeResponseGroup,
  StreamsGroupDescribeResponseMember,
  StreamsGroupDescribeResponseSubtopology,
  StreamsGroupDescribeResponseTopology,
} from './streams-group-describe-shapes.ts';
import { streamsInternalTopics, streamsKeyValue } from './streams-internal-topic.ts';
import { type StreamsAssignment, streamsAssignment, streamsTaskOffset } from './streams-task.ts';
import { streamsTopologyDescription } from './streams-topology-description.ts';

export const streamsGroupDescribeResponse: Codec<StreamsGroupDescribeResponse> = { encode, decode };

function encode(w: Writer, v: number, response: StreamsGroupDescribeResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.groups, (group) => encodeGroup(w, v, group));
  w.tags();
}

function encodeGroup(w: Writer, v: number, group: StreamsGroupDescribeResponseGroup): void {
  w.int16(group.errorCode);
  w.nullableString(group.errorMessage);
  w.string(group.group);
  w.string(group.state);
  w.int32(group.epoch);
  w.int32(group.assignmentEpoch);
  w.nullableStruct(group.topology, (topology) => encodeTopology(w, topology));
  w.structs(group.members, (member) => encodeMember(w, member));
  w.int32(group.authorizedOperations);
  if (v < 1) return;
  w.nullableStruct(group.topologyDescription, (description) => streamsTopologyDescription.encode(w, description));
  w.int8(group.topologyDescriptionStatus);
  w.nullableString(group.assignorName);
}

function encodeTopology(w: Writer, topology: StreamsGroupDescribeResponseTopology): void {
  w.int32(topology.epoch);
  w.nullableStructs(topology.subtopologies, (subtopology) => encodeSubtopology(w, subtopology));
}

function encodeSubtopology(w: Writer, subtopology: StreamsGroupDescribeResponseSubtopology): void {
  w.string(subtopology.subtopologyId);
  w.array(subtopology.sourceTopics, (topic) => w.string(topic));
  w.array(subtopology.repartitionSinkTopics, (topic) => w.string(topic));
  streamsInternalTopics.encode(w, subtopology.stateChangelogTopics);
  streamsInternalTopics.encode(w, subtopology.repartitionSourceTopics);
}

function encodeMember(w: Writer, member: StreamsGroupDescribeResponseMember): void {
  const encodeAssignment = (assignment: StreamsAssignment): void => streamsAssignment.encode(w, assignment);
  w.string(member.memberId);
  w.int32(member.memberEpoch);
  w.nullableString(member.instanceId);
  w.nullableString(member.rackId);
  w.string(member.clientId);
  w.string(member.clientHost);
  w.int32(member.topologyEpoch);
  w.string(member.processId);
  w.nullableStruct(member.userEndpoint, (endpoint) => streamsEndpoint.encode(w, endpoint));
  w.structs(member.clientTags, (tag) => streamsKeyValue.encode(w, tag));
  w.structs(member.taskOffsets, (task) => streamsTaskOffset.encode(w, task));
  w.structs(member.taskEndOffsets, (task) => streamsTaskOffset.encode(w, task));
  w.struct(member.assignment, encodeAssignment);
  w.struct(member.targetAssignment, encodeAssignment);
  w.bool(member.isClassic);
}

function decode(r: Reader, v: number): StreamsGroupDescribeResponse {
  const response = { throttleTimeMs: r.int32(), groups: r.structs(() => decodeGroup(r, v)) };
  r.tags();
  return response;
}

function decodeGroup(r: Reader, v: number): StreamsGroupDescribeResponseGroup {
  return {
    errorCode: r.int16(),
    errorMessage: r.nullableString(),
    group: r.string(),
    state: r.string(),
    epoch: r.int32(),
    assignmentEpoch: r.int32(),
    topology: r.nullableStruct(() => decodeTopology(r)),
    members: r.structs(() => decodeMember(r)),
    authorizedOperations: r.int32(),
    topologyDescription: v >= 1 ? r.nullableStruct(() => streamsTopologyDescription.decode(r)) : null,
    topologyDescriptionStatus: v >= 1 ? r.int8() : 0,
    assignorName: v >= 1 ? r.nullableString() : null,
  };
}

function decodeTopology(r: Reader): StreamsGroupDescribeResponseTopology {
  return { epoch: r.int32(), subtopologies: r.nullableStructs(() => decodeSubtopology(r)) };
}

function decodeSubtopology(r: Reader): StreamsGroupDescribeResponseSubtopology {
  return {
    subtopologyId: r.string(),
    sourceTopics: r.array(() => r.string()),
    repartitionSinkTopics: r.array(() => r.string()),
    stateChangelogTopics: streamsInternalTopics.decode(r),
    repartitionSourceTopics: streamsInternalTopics.decode(r),
  };
}

function decodeMember(r: Reader): StreamsGroupDescribeResponseMember {
  return {
    memberId: r.string(),
    memberEpoch: r.int32(),
    instanceId: r.nullableString(),
    rackId: r.nullableString(),
    clientId: r.string(),
    clientHost: r.string(),
    topologyEpoch: r.int32(),
    processId: r.string(),
    userEndpoint: r.nullableStruct(() => streamsEndpoint.decode(r)),
    clientTags: r.structs(() => streamsKeyValue.decode(r)),
    taskOffsets: r.structs(() => streamsTaskOffset.decode(r)),
    taskEndOffsets: r.structs(() => streamsTaskOffset.decode(r)),
    assignment: r.struct(() => streamsAssignment.decode(r)),
    targetAssignment: r.struct(() => streamsAssignment.decode(r)),
    isClassic: r.bool(),
  };
}
