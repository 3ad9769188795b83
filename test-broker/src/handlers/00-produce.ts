// Produce (0), versions 0-13.
//
// Checks batches as strictly as Kafka (batch-check.ts), idempotent sequences per partition, leadership, rights,
// min.insync.replicas. Message sets (versions 0-2) are stored as one batch of magic 2, as Kafka 3 does; Kafka 4 closes
// the connection on them. Not emulated: transactions (a transactional batch is answered with INVALID_TXN_STATE, as if
// the partition had not been added), replication (all replicas have a batch at once), quotas.
import { Errors, Produce, type ProduceRequest, type ProduceResponse } from '@hopwire/protocol';
import { checkRecords, type Refusal } from '../embedded/batch-check.ts';
import { clock } from '../embedded/clock.ts';
import { CLOSE, type Handler, handle, type RequestContext } from '../embedded/router.ts';
import type { Partition } from '../embedded/topic.ts';
import { endpointsOf, findTopic } from './topics.ts';

type RequestTopic = ProduceRequest['topicData'][number];
type RequestPartition = RequestTopic['partitionData'][number];
type PartitionResponse = ProduceResponse['responses'][number]['partitionResponses'][number];

const IDS_SINCE = 13;
const NO_LEADER = { leaderId: -1, leaderEpoch: -1 };
const VALID_ACKS = [0, 1, -1];

export const produce: Handler<ProduceRequest, ProduceResponse> = handle(Produce, {
  answer: (request, context) => {
    const responses = request.topicData.map((topic) => ({
      name: topic.name,
      topicId: topic.topicId,
      partitionResponses: topic.partitionData.map((data) => appendTo(request, topic, data, context)),
    }));
    const all = responses.flatMap((topic) => topic.partitionResponses);
    // Without an answer the only way to tell of an error is to close.
    if (request.acks === 0) return all.some(({ errorCode }) => errorCode !== 0) ? CLOSE : null;
    return { responses, throttleTimeMs: 0, nodeEndpoints: endpointsOf(context, all) };
  },
  refuse: (request, errorCode) => ({
    responses: request.topicData.map((topic) => ({
      name: topic.name,
      topicId: topic.topicId,
      partitionResponses: topic.partitionData.map(({ index }) => refused(index, { errorCode, errorMessage: null })),
    })),
    throttleTimeMs: 0,
    nodeEndpoints: [],
  }),
});

function appendTo(
  request: ProduceRequest,
  named: RequestTopic,
  data: RequestPartition,
  context: RequestContext,
): PartitionResponse {
  const { index } = data;
  if (!VALID_ACKS.includes(request.acks)) return refused(index, { errorCode: Errors.INVALID_REQUIRED_ACKS });
  const found = findTopic(context, { name: named.name, topicId: named.topicId, usesId: context.version >= IDS_SINCE });
  if ('errorCode' in found) return refused(index, found);
  const partition = found.topic.partitions[index];
  if (!partition) return refused(index, { errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION });
  if (partition.leaderId !== context.node.id) {
    const { leaderId, leaderEpoch } = partition;
    return {
      ...refused(index, { errorCode: Errors.NOT_LEADER_OR_FOLLOWER }),
      currentLeader: { leaderId, leaderEpoch },
    };
  }
  if (request.acks === -1 && liveReplicas(partition, context) < found.topic.minInsyncReplicas) {
    return refused(index, { errorCode: Errors.NOT_ENOUGH_REPLICAS });
  }
  return write(partition, data, context);
}

function write(partition: Partition, data: RequestPartition, { cluster, version }: RequestContext): PartitionResponse {
  const { topic } = partition;
  const checked = checkRecords(data.records, version, topic);
  if ('errorCode' in checked) return refused(data.index, checked);
  const { batch, bytes } = checked;
  if (batch.isTransactional) return refused(data.index, { errorCode: Errors.INVALID_TXN_STATE });
  const isIdempotent = batch.producerId >= 0n;
  const verdict = isIdempotent ? partition.producers.check(batch) : 'write';
  if (verdict !== 'write') {
    if ('errorCode' in verdict) return refused(data.index, verdict);
    return accepted(data.index, verdict.duplicateOf, partition, -1);
  }
  const appendTime = topic.usesAppendTime ? clock.wallNow() : null;
  const baseOffset = cluster.append(partition, bytes, appendTime);
  if (isIdempotent) partition.producers.remember(batch, baseOffset);
  return accepted(data.index, baseOffset, partition, appendTime ?? -1);
}

function accepted(index: number, baseOffset: bigint, partition: Partition, appendTime: number): PartitionResponse {
  return {
    index,
    errorCode: 0,
    baseOffset,
    logAppendTimeMs: BigInt(appendTime),
    logStartOffset: partition.log.start,
    recordErrors: [],
    errorMessage: null,
    currentLeader: NO_LEADER,
  };
}

function refused(
  index: number,
  refusal: { errorCode: number; errorMessage?: string | null } & Partial<Pick<Refusal, 'recordErrors'>>,
): PartitionResponse {
  return {
    index,
    errorCode: refusal.errorCode,
    baseOffset: -1n,
    logAppendTimeMs: -1n,
    logStartOffset: -1n,
    recordErrors: [...(refusal.recordErrors ?? [])],
    errorMessage: refusal.errorMessage ?? null,
    currentLeader: NO_LEADER,
  };
}

function liveReplicas(partition: Partition, { cluster }: RequestContext): number {
  return partition.replicas.filter((id) => cluster.isLive(id)).length;
}
