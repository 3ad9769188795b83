// Fetch (1), versions 0-18.
//
// Long polling (min bytes, max wait; an append wakes the waiter), real incremental sessions (KIP-227), leader epochs
// (KIP-320), diverging epochs, the current leader in errors (KIP-951), the first batch whole under any limit (KIP-74).
// Versions 0-3 are answered with message sets, converted down as in Kafka 3; below 3 they end where the limit is, be it
// within a message. Not emulated: followers, preferred read replicas, transactions (the last stable offset is the high
// watermark), a partial batch at the end of the data.
import { Errors, Fetch, type FetchRequest, type FetchResponse, ZERO_UUID } from '@hopwire/protocol';
import { clock } from '../embedded/clock.ts';
import { convertedDown } from '../embedded/down-conversion.ts';
import type { FetchedPartition, FetchPlan } from '../embedded/fetch-sessions.ts';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import type { Partition } from '../embedded/topic.ts';
import { endpointsOf, findTopic } from './topics.ts';

type PartitionResponse = FetchResponse['responses'][number]['partitions'][number];

interface Read {
  readonly asked: FetchedPartition;
  readonly answer: PartitionResponse;
}

const IDS_SINCE = 13;
const BATCHES_SINCE = 4;
const WHOLE_SINCE = 3;
const TIMES_SINCE = 2;
const NO_LEADER = { leaderId: -1, leaderEpoch: -1 };
const NO_DIVERGENCE = { epoch: -1, endOffset: -1n };

export const fetch: Handler<FetchRequest, FetchResponse> = handle(Fetch, {
  answer: async (request, context) => {
    const plan = context.node.fetchSessions.plan(request, context.version >= IDS_SINCE);
    if ('errorCode' in plan) return topLevel(plan.errorCode);
    const reads = await longPoll(request, plan, context);
    const told = plan.isIncremental ? reads.filter(isNews) : reads;
    for (const { asked, answer } of told) {
      asked.sentHighWatermark = answer.highWatermark;
      asked.sentLogStart = answer.logStartOffset;
    }
    plan.answered(told.filter(({ answer }) => answer.records?.length).map(({ asked }) => asked));
    const answers = told.map(({ answer }) => answer);
    const nodeEndpoints = endpointsOf(context, answers);
    return { ...topLevel(0), sessionId: plan.sessionId, responses: byTopic(told), nodeEndpoints };
  },
  refuse: (request, errorCode) => ({
    ...topLevel(0),
    responses: request.topics.map(({ topic, topicId, partitions }) => ({
      topic,
      topicId,
      partitions: partitions.map(({ partition }) => refused(partition, errorCode)),
    })),
  }),
});

/** Reads again on every append until there is enough, something is wrong, or the time is up. */
async function longPoll(request: FetchRequest, plan: FetchPlan, context: RequestContext): Promise<Read[]> {
  const deadline = clock.now() + request.maxWaitMs;
  for (;;) {
    const reads = readAll(request, plan, context);
    const bytes = reads.reduce((sum, { answer }) => sum + (answer.records?.length ?? 0), 0);
    const isUrgent = reads.some(({ answer }) => answer.errorCode !== 0 || answer.divergingEpoch.epoch >= 0);
    const left = deadline - clock.now();
    if (bytes >= request.minBytes || isUrgent || left <= 0 || reads.length === 0 || context.signal.aborted)
      return reads;
    await changeOrTimeout(plan.partitions, context, left);
  }
}

function changeOrTimeout(partitions: readonly FetchedPartition[], context: RequestContext, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const stops: (() => void)[] = [];
    const done = (): void => {
      for (const stop of stops) stop();
      resolve();
    };
    const timer = clock.setTimer(done, ms);
    stops.push(() => clock.clearTimer(timer));
    for (const asked of partitions) {
      const log = partitionOf(asked, context)?.log;
      if (log) stops.push(log.onChange(done));
    }
    context.signal.addEventListener('abort', done);
    stops.push(() => context.signal.removeEventListener('abort', done));
  });
}

function partitionOf(asked: FetchedPartition, context: RequestContext): Partition | undefined {
  const found = findTopic(context, referenceTo(asked, context));
  return 'topic' in found ? found.topic.partitions[asked.partition] : undefined;
}

function referenceTo(
  asked: FetchedPartition,
  { version }: RequestContext,
): { name: string; topicId: string; usesId: boolean } {
  return { name: asked.topic, topicId: asked.topicId, usesId: version >= IDS_SINCE };
}

function readAll(request: FetchRequest, plan: FetchPlan, context: RequestContext): Read[] {
  let left = request.maxBytes;
  let isFirst = true;
  return plan.partitions.map((asked) => {
    const answer = readOne(asked, context, Math.min(left, asked.maxBytes), isFirst);
    const size = answer.records?.length ?? 0;
    left = Math.max(0, left - size);
    if (size > 0) isFirst = false;
    return { asked, answer };
  });
}

function readOne(
  asked: FetchedPartition,
  context: RequestContext,
  maxBytes: number,
  atLeastOne: boolean,
): PartitionResponse {
  const found = findTopic(context, referenceTo(asked, context));
  if ('errorCode' in found) return refused(asked.partition, found.errorCode);
  const partition = found.topic.partitions[asked.partition];
  if (!partition) return refused(asked.partition, Errors.UNKNOWN_TOPIC_OR_PARTITION);
  const leaderProblem = leaderProblemOf(partition, asked, context);
  if (leaderProblem) {
    const { leaderId, leaderEpoch } = partition;
    return { ...refused(asked.partition, leaderProblem), currentLeader: { leaderId, leaderEpoch } };
  }
  const { log } = partition;
  const divergingEpoch = divergenceOf(partition, asked);
  if (divergingEpoch) return { ...read(partition, Buffer.alloc(0)), divergingEpoch };
  if (asked.fetchOffset < log.start || asked.fetchOffset > log.end) {
    return { ...read(partition, Buffer.alloc(0)), errorCode: Errors.OFFSET_OUT_OF_RANGE };
  }
  const { version } = context;
  const batches = log.read(asked.fetchOffset, maxBytes, atLeastOne || version < WHOLE_SINCE);
  if (version >= BATCHES_SINCE) return read(partition, batches);
  const converted = convertedDown(batches, version < TIMES_SINCE ? 0 : 1, asked.fetchOffset);
  if ('errorCode' in converted) return refused(asked.partition, converted.errorCode);
  const { records } = converted;
  return read(partition, version < WHOLE_SINCE ? records.subarray(0, maxBytes) : records);
}

function leaderProblemOf(partition: Partition, asked: FetchedPartition, { node }: RequestContext): number {
  if (partition.leaderId !== node.id) return Errors.NOT_LEADER_OR_FOLLOWER;
  if (asked.currentLeaderEpoch < 0 || asked.currentLeaderEpoch === partition.leaderEpoch) return 0;
  return asked.currentLeaderEpoch < partition.leaderEpoch ? Errors.FENCED_LEADER_EPOCH : Errors.UNKNOWN_LEADER_EPOCH;
}

function divergenceOf(partition: Partition, asked: FetchedPartition): { epoch: number; endOffset: bigint } | null {
  if (asked.lastFetchedEpoch < 0) return null;
  const end = partition.log.endOfEpoch(asked.lastFetchedEpoch);
  if (!end) return null;
  return end.epoch < asked.lastFetchedEpoch || end.endOffset < asked.fetchOffset ? end : null;
}

function read({ index, log }: Partition, records: Buffer): PartitionResponse {
  return {
    partitionIndex: index,
    errorCode: 0,
    highWatermark: log.end,
    lastStableOffset: log.end,
    logStartOffset: log.start,
    divergingEpoch: NO_DIVERGENCE,
    currentLeader: NO_LEADER,
    snapshotId: { endOffset: -1n, epoch: -1 },
    abortedTransactions: null,
    preferredReadReplica: -1,
    records,
  };
}

function refused(partitionIndex: number, errorCode: number): PartitionResponse {
  return {
    partitionIndex,
    errorCode,
    highWatermark: -1n,
    lastStableOffset: -1n,
    logStartOffset: -1n,
    divergingEpoch: NO_DIVERGENCE,
    currentLeader: NO_LEADER,
    snapshotId: { endOffset: -1n, epoch: -1 },
    abortedTransactions: null,
    preferredReadReplica: -1,
    records: Buffer.alloc(0),
  };
}

/** KIP-227: an incremental answer leaves out what the client knows. */
function isNews({ asked, answer }: Read): boolean {
  return (
    answer.errorCode !== 0 ||
    (answer.records?.length ?? 0) > 0 ||
    answer.divergingEpoch.epoch >= 0 ||
    answer.highWatermark !== asked.sentHighWatermark ||
    answer.logStartOffset !== asked.sentLogStart
  );
}

function byTopic(reads: readonly Read[]): FetchResponse['responses'] {
  const topics = new Map<string, FetchResponse['responses'][number]>();
  for (const { asked, answer } of reads) {
    const key = asked.topicId === ZERO_UUID ? asked.topic : asked.topicId;
    const topic = topics.get(key) ?? { topic: asked.topic, topicId: asked.topicId, partitions: [] };
    topic.partitions.push(answer);
    topics.set(key, topic);
  }
  return [...topics.values()];
}

function topLevel(errorCode: number): FetchResponse {
  return { throttleTimeMs: 0, errorCode, sessionId: 0, responses: [], nodeEndpoints: [] };
}
