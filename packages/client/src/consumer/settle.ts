// One partition's part of a fetch answer -> data in the buffer, a retry, a reset, or an error for the loop.
import { Errors, errorByCode, type FetchResponsePartition } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, brokerError, LogTruncationError, OffsetOutOfRangeError } from '../errors.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import { monotonicNow } from '../util/timers.ts';
import type { FetchBuffer } from './fetch-buffer.ts';
import { readPartition } from './fetch-response.ts';
import type { Wanted } from './fetch-session.ts';
import type { Partition } from './partition.ts';

export interface SettleContext {
  readonly cluster: Cluster;
  readonly options: ResolvedConsumerOptions<unknown, unknown>;
  readonly buffer: FetchBuffer;
  /** The partition needs a new position. */
  onUnplaced(): void;
}

/** Refresh metadata, then ask again. OFFSET_NOT_AVAILABLE: a new leader does not know its high watermark yet. */
const RETRIED: ReadonlySet<number> = new Set([
  Errors.NOT_LEADER_OR_FOLLOWER,
  Errors.LEADER_NOT_AVAILABLE,
  Errors.REPLICA_NOT_AVAILABLE,
  Errors.UNKNOWN_TOPIC_OR_PARTITION,
  Errors.UNKNOWN_TOPIC_ID,
  Errors.INCONSISTENT_TOPIC_ID,
  Errors.FENCED_LEADER_EPOCH,
  Errors.UNKNOWN_LEADER_EPOCH,
  Errors.KAFKA_STORAGE_ERROR,
  Errors.OFFSET_NOT_AVAILABLE,
]);

export function settleAnswer(
  context: SettleContext,
  partition: Partition,
  wanted: Wanted,
  answer: FetchResponsePartition,
  version: number,
): void {
  const { errorCode } = answer;
  if (errorCode === 0) {
    settleGood(context, partition, wanted, answer, version);
    return;
  }
  const wasFollower = partition.readReplica !== null;
  partition.readReplica = null;
  if (errorCode === Errors.OFFSET_OUT_OF_RANGE) {
    // A follower may lag behind: the leader has the last word.
    if (!wasFollower) reset(context, partition, wanted, answer);
  } else if (RETRIED.has(errorCode) || errorByCode(errorCode).retriable) partition.isTroubled = true;
  else {
    const { topic, partition: number } = partition;
    context.buffer.fail(partition, brokerError(errorCode, 'Fetch', { topic, partition: number }));
  }
}

function settleGood(
  context: SettleContext,
  partition: Partition,
  wanted: Wanted,
  answer: FetchResponsePartition,
  version: number,
): void {
  const { divergingEpoch, preferredReadReplica, records } = answer;
  if (divergingEpoch.endOffset >= 0n && divergingEpoch.endOffset < wanted.fetchOffset) {
    truncated(context, partition, wanted, divergingEpoch);
    return;
  }
  partition.highWatermark = answer.highWatermark;
  partition.lastStableOffset = answer.lastStableOffset;
  partition.logStartOffset = answer.logStartOffset;
  if (records !== null && records.length > 0) deliver(context, partition, wanted, answer, version);
  else if (preferredReadReplica >= 0) {
    const untilMs = monotonicNow() + context.cluster.options.metadataMaxAgeMs;
    partition.readReplica = { nodeId: preferredReadReplica, untilMs };
  }
}

function deliver(
  { buffer, options, cluster }: SettleContext,
  partition: Partition,
  { fetchOffset, lastFetchedEpoch, maxBytes }: Wanted,
  answer: FetchResponsePartition,
  version: number,
): void {
  const { topic, partition: number } = partition;
  const o = { topic, partition: number, fetchOffset, fetchEpoch: lastFetchedEpoch, isolation: options.isolation };
  try {
    const { data, isCut } = readPartition(answer, o);
    // Fetch 0-2 cut even the first message at the limit; from v3 on (KIP-74) the first batch comes whole.
    if (isCut && version <= 2) partition.growBytes = Math.min(maxBytes * 2, 0x7fffffff);
    if (data.nextOffset === fetchOffset) return;
    partition.growBytes = 0;
    buffer.offer(partition, data);
    const end =
      options.isolation === 'read_committed' && answer.lastStableOffset >= 0n
        ? answer.lastStableOffset
        : answer.highWatermark;
    if (data.nextOffset === end) cluster.emit({ type: 'end', topic, partition: number, offset: end });
  } catch (error) {
    corrupt({ buffer, options, cluster }, partition, fetchOffset, asError(error), answer.records);
  }
}

function corrupt(
  { buffer, options, cluster }: Pick<SettleContext, 'buffer' | 'options' | 'cluster'>,
  partition: Partition,
  fetchOffset: bigint,
  error: Error,
  records: Buffer | null,
): void {
  if (options.onCorrupt === 'throw') {
    buffer.fail(partition, error);
    return;
  }
  const next = offsetAfterFirst(records, fetchOffset);
  cluster.options.logger.warn(`skipped a corrupt batch, offsets ${fetchOffset} to ${next - 1n}`, { error });
  buffer.offer(partition, { views: [], fetchOffset, nextOffset: next, nextEpoch: -1, epoch: -1, bytes: 0 });
}

// A corrupt header cannot be trusted far: at least one offset is skipped, at most what one batch may hold.
function offsetAfterFirst(records: Buffer | null, fetchOffset: bigint): bigint {
  const magicTwo = records !== null && records.length >= 27 && records[16] === 2;
  const next = magicTwo ? records.readBigInt64BE(0) + BigInt(records.readInt32BE(23)) + 1n : 0n;
  return next > fetchOffset && next - fetchOffset <= 0x7fffffffn ? next : fetchOffset + 1n;
}

function reset(
  context: SettleContext,
  partition: Partition,
  { fetchOffset }: Wanted,
  answer: FetchResponsePartition,
): void {
  const { onOutOfRange } = context.options;
  const { topic, partition: number, queue } = partition;
  // What was fetched before is good and is handed out first; the next answer says the same again.
  if (queue.length > 0 || partition.inHand !== null) {
    partition.isTroubled = true;
    return;
  }
  if (onOutOfRange === 'none') {
    const range = { position: fetchOffset, logStart: answer.logStartOffset, logEnd: answer.highWatermark };
    context.buffer.fail(partition, new OffsetOutOfRangeError(topic, number, range));
    return;
  }
  partition.unplace(onOutOfRange, fetchOffset);
  context.onUnplaced();
}

// KIP-320: an unclean election cut away what we have read. With a policy reading goes on where the logs part.
function truncated(
  context: SettleContext,
  partition: Partition,
  { fetchOffset }: Wanted,
  { epoch, endOffset }: { epoch: number; endOffset: bigint },
): void {
  const { topic, partition: number } = partition;
  if (context.options.onOutOfRange === 'none') {
    const error = new LogTruncationError(topic, number, { position: fetchOffset, divergingOffset: endOffset, epoch });
    context.buffer.fail(partition, error);
    return;
  }
  partition.placeAt(endOffset, epoch);
  context.cluster.emit({
    type: 'reset',
    topic,
    partition: number,
    from: fetchOffset,
    to: endOffset,
    reason: 'the log was cut',
  });
}
