// The groups whose coordinator assigns: consumer groups (KIP-848), share groups (KIP-932), streams groups (KIP-1071).
import { randomUUID } from 'node:crypto';
import {
  AlterShareGroupOffsets,
  ConsumerGroupDescribe,
  ConsumerGroupHeartbeat,
  DeleteShareGroupOffsets,
  DescribeShareGroupOffsets,
  IncrementalAlterConfigs,
  ShareAcknowledge,
  ShareFetch,
  type ShareFetchRequest,
  type ShareFetchResponse,
  ShareGroupDescribe,
  ShareGroupHeartbeat,
  StreamsGroupDescribe,
  StreamsGroupHeartbeat,
  type StreamsGroupHeartbeatRequest,
  StreamsGroupTopologyDescriptionUpdate,
} from '@hopwire/protocol';
import type { Answer } from '../../harness/conversation.ts';
import { askUntil, type Probe, probe, type Visit } from '../probe.ts';

const JOINING = { memberEpoch: 0, rackId: null };
const SUBTOPOLOGY = '0';
const GROUP_RESOURCE = 32;
const SET = 0;

export const newGroupProbes: readonly Probe[] = [
  probe(ConsumerGroupHeartbeat, (visit) => consumerJoining(visit, visit.fresh('group'))),
  probe(ConsumerGroupDescribe, async (visit) => {
    const groupId = visit.fresh('group');
    await visit.conversation.ask(ConsumerGroupHeartbeat, 0, { ...consumerJoining(visit, groupId), memberId: '' });
    return { groupIds: [groupId], includeAuthorizedOperations: true };
  }),
  probe(ShareGroupHeartbeat, (visit) => shareJoining(visit, visit.fresh('group'))),
  probe(ShareGroupDescribe, async (visit) => ({
    groupIds: [(await sharing(visit)).groupId],
    includeAuthorizedOperations: true,
  })),
  { api: ShareFetch, listener: 'plaintext', visit: fetchShared },
  probe(ShareAcknowledge, async (visit) => {
    const member = await sharing(visit);
    await visit.conversation.ask(ShareFetch, 1, shareFetching(visit, member, 0));
    return { ...member, shareSessionEpoch: 1, isRenewAck: false, topics: [] };
  }),
  probe(DescribeShareGroupOffsets, async (visit) => {
    const { groupId } = await sharing(visit);
    return { groups: [{ groupId, topics: [{ topicName: visit.topic, partitions: [0] }] }] };
  }),
  probe(AlterShareGroupOffsets, (visit) => ({
    groupId: visit.fresh('group'),
    topics: [{ topicName: visit.topic, partitions: [{ partitionIndex: 0, startOffset: 0n }] }],
  })),
  probe(DeleteShareGroupOffsets, async (visit) => {
    const { groupId, memberId } = await sharing(visit);
    const leaving = { ...shareJoining(visit, groupId), memberId, memberEpoch: -1 };
    await visit.conversation.ask(ShareGroupHeartbeat, 1, leaving);
    return { groupId, topics: [{ topicName: visit.topic }] };
  }),
  probe(StreamsGroupHeartbeat, (visit) => streamsJoining(visit, visit.fresh('group'), randomUUID())),
  probe(StreamsGroupDescribe, async (visit) => ({
    groups: [(await streaming(visit)).groupId],
    includeAuthorizedOperations: true,
    includeTopologyDescription: visit.version >= 1,
  })),
  probe(StreamsGroupTopologyDescriptionUpdate, async (visit) => {
    const stores = { sinkTopic: null, stores: [] };
    const source = { name: 'source', nodeType: 1, sourceTopics: [visit.topic], successors: ['work'], ...stores };
    const processor = { name: 'work', nodeType: 2, sourceTopics: [], successors: [], ...stores };
    const subtopologies = [{ subtopologyId: SUBTOPOLOGY, nodes: [source, processor] }];
    return { ...(await streaming(visit)), topologyEpoch: 0, topologyDescription: { subtopologies, globalStores: [] } };
  }),
];

function consumerJoining(visit: Visit, groupId: string) {
  return {
    groupId,
    memberId: visit.version >= 1 ? randomUUID() : '',
    ...JOINING,
    instanceId: null,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: [visit.topic],
    subscribedTopicRegex: null,
    serverAssignor: null,
    topicPartitions: [],
  };
}

function shareJoining(visit: Visit, groupId: string) {
  return { groupId, memberId: randomUUID(), ...JOINING, subscribedTopicNames: [visit.topic] };
}

/** A member of a share group that begins at the topic's first record. */
async function sharing(visit: Visit): Promise<{ groupId: string; memberId: string }> {
  const joining = shareJoining(visit, visit.fresh('group'));
  const configs = [{ name: 'share.auto.offset.reset', configOperation: SET, value: 'earliest' }];
  const resources = [{ resourceType: GROUP_RESOURCE, resourceName: joining.groupId, configs }];
  await visit.conversation.ask(IncrementalAlterConfigs, 1, { resources, validateOnly: false });
  await visit.conversation.ask(ShareGroupHeartbeat, 1, joining);
  return { groupId: joining.groupId, memberId: joining.memberId };
}

/** The group's state is made when the first member comes: the first fetches bring nothing. */
async function fetchShared(visit: Visit): Promise<Answer<unknown>> {
  const member = await sharing(visit);
  return askUntil(visit, ShareFetch, (tries) => shareFetching(visit, member, tries), hasRecords);
}

function hasRecords({ responses }: ShareFetchResponse): boolean {
  return responses.some(({ partitions }) => partitions.some(({ records }) => records !== null && records.length > 0));
}

function shareFetching(
  { version, topicId }: Visit,
  member: { groupId: string; memberId: string },
  shareSessionEpoch: number,
): ShareFetchRequest {
  const limits = { maxWaitMs: 200, minBytes: 1, maxBytes: 1024 * 1024, maxRecords: 100, batchSize: 100 };
  const partition = {
    partitionIndex: 0,
    partitionMaxBytes: version === 0 ? 1024 * 1024 : 0,
    acknowledgementBatches: [],
  };
  return {
    ...member,
    ...limits,
    shareSessionEpoch,
    shareAcquireMode: 0,
    isRenewAck: false,
    topics: [{ topicId, partitions: [partition] }],
    forgottenTopicsData: [],
  };
}

function streamsJoining(visit: Visit, group: string, memberId: string): StreamsGroupHeartbeatRequest {
  const nothingElse = { stateChangelogTopics: [], repartitionSinkTopics: [], repartitionSourceTopics: [] };
  const source = { sourceTopics: [visit.topic], sourceTopicRegex: [], copartitionGroups: [] };
  return {
    group,
    memberId,
    ...JOINING,
    endpointInformationEpoch: -1,
    instanceId: null,
    rebalanceTimeoutMillis: 30_000,
    topology: { epoch: 0, subtopologies: [{ subtopologyId: SUBTOPOLOGY, ...source, ...nothingElse }] },
    activeTasks: [],
    standbyTasks: [],
    warmupTasks: [],
    processId: randomUUID(),
    userEndpoint: null,
    clientTags: [],
    taskOffsets: null,
    taskEndOffsets: null,
    shutdownApplication: false,
  };
}

async function streaming(visit: Visit): Promise<{ groupId: string; memberId: string }> {
  const groupId = visit.fresh('group');
  const memberId = randomUUID();
  await visit.conversation.ask(StreamsGroupHeartbeat, 0, streamsJoining(visit, groupId, memberId));
  return { groupId, memberId };
}
