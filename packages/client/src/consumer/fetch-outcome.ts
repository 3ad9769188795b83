// One partition's part of a fetch answer -> data in the buffer, a retry, a reset, or an error for the loop.
import { Errors, type FetchResponsePartition, type Steps } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { brokerError, CorruptBatchError, LogTruncationError } from '../errors.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import { clock } from '../util/clock.ts';
import type { FetchBuffer } from './fetch-buffer.ts';
import type { Asked } from './fetch-plan.ts';
import { type ReadResult, readPartition } from './fetch-response.ts';
import type { Answer } from './fetched.ts';
import { endsAt, type LogEnd, logEndOf } from './log-end.ts';
import type { Partition } from './partition.ts';
import type { Refusals } from './refusals.ts';
import { moved, resetIfDrained } from './reset.ts';

export interface OutcomeContext {
  readonly cluster: Cluster;
  readonly options: ResolvedConsumerOptions<unknown, unknown>;
  readonly buffer: FetchBuffer;
  readonly refusals: Refusals;
  /** After so many milliseconds, unless the consumer is closed by then. */
  later(ms: number, then: () => void): void;
  /** It may be fetched again. */
  wakeFor(partition: Partition): void;
  /** The partition needs a new position. */
  onUnplaced(): void;
}

/** An answer's part, and what was asked. */
interface Part {
  readonly asked: Asked;
  readonly part: FetchResponsePartition;
  readonly version: number;
  readonly read: Read;
}

/** What was found in a partition's part of an answer: batches, nothing at all, or a corrupt one in the first place. */
export type Read = ReadResult | CorruptBatchError | null;

/** What is refused is asked for again after the metadata age, but not later than this. */
const ASK_AGAIN_MS = 10_000;

/** When a new loop has begun. */
const ASK_AGAIN_SOON_MS = 1_000;

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

/** Before `takePart`; much may happen between its steps. */
export function* readPart(
  { options }: OutcomeContext,
  { partition, wanted }: Asked,
  part: FetchResponsePartition,
  answer: Answer,
): Steps<Read> {
  if (part.errorCode !== 0 || part.records === null || part.records.length === 0) return null;
  const { topic, partition: number } = partition;
  const { fetchOffset, lastFetchedEpoch: fetchEpoch } = wanted;
  const { isolation, maxBatchBytes } = options;
  const where = { topic, partition: number, fetchOffset, fetchEpoch };
  try {
    return yield* readPartition(part, { ...where, isolation, maxBatchBytes, answer });
  } catch (error) {
    if (error instanceof CorruptBatchError) return error;
    throw error;
  }
}

export function takePart(
  context: OutcomeContext,
  asked: Asked,
  part: FetchResponsePartition,
  version: number,
  read: Read,
): void {
  if (part.errorCode === 0) {
    asked.partition.troubles = 0;
    asked.partition.unknownSince = null;
    asked.partition.isGone = false;
    if (asked.partition.refusal !== null) accepted(context, asked.partition);
    takeGood(context, { asked, part, version, read });
  } else takeError(context, asked.partition, part.errorCode);
}

/**
 * Left out of an incremental answer: nothing has changed.
 *
 * @param said what the broker said last in this session, also where we had no use for it; undefined: nothing, so what we
 * asked for is where the log ends
 */
export function takeNothing(context: OutcomeContext, { partition, wanted }: Asked, said: LogEnd | undefined): void {
  if (said) partition.logEnd = said;
  else if (partition.logEnd.highWatermark < 0n) partition.logEnd = endsAt(wanted.fetchOffset);
  if (partition.isFinished) context.buffer.wake();
  checkEnd(context, partition);
}

function takeError(context: OutcomeContext, partition: Partition, errorCode: number): void {
  const wasFollower = partition.readReplica !== null;
  partition.readReplica = null;
  if (errorCode === Errors.UNKNOWN_TOPIC_ID) context.cluster.refuseId(partition.topic, partition.topicId);
  if (errorCode === Errors.OFFSET_OUT_OF_RANGE && !wasFollower) {
    partition.outOfRangeAt = partition.place.name === 'placed' ? partition.place.fetchOffset : null;
    const again = partition.troubles++;
    if (again === 0) resetIfDrained(context, partition);
    else resetLater(context, partition, again);
  } else if (wasFollower || RETRIED.has(errorCode) || brokerError(errorCode, 'Fetch').retriable) {
    // A follower may lag behind: after a pause the leader has the last word.
    partition.trouble();
  } else refuse(context, partition, errorCode);
}

/** The position that was looked up is refused as well: brokers do not agree, and are not to be asked without a pause. */
function resetLater(context: OutcomeContext, partition: Partition, again: number): void {
  const { incarnation } = partition;
  context.later(context.cluster.retryPolicy.backoff.delay(again), () => {
    if (partition.incarnation === incarnation) resetIfDrained(context, partition);
  });
}

/** The loop is told once; then the partition is asked for again now and then, because rights may come back. */
function refuse(context: OutcomeContext, partition: Partition, errorCode: number): void {
  const { buffer, cluster, refusals } = context;
  const { topic, partition: number } = partition;
  partition.refusal = 'resting';
  partition.refusedAt = clock.now();
  askAgain(context, partition, Math.min(cluster.options.metadataMaxAgeMs, ASK_AGAIN_MS));
  const error = brokerError(errorCode, 'Fetch', { topic, partition: number });
  if (refusals.isNews(topic, errorCode)) buffer.fail(partition, error);
}

function askAgain(context: OutcomeContext, partition: Partition, afterMs: number): void {
  const { incarnation } = partition;
  context.later(afterMs, () => {
    if (partition.incarnation !== incarnation || partition.refusal !== 'resting') return;
    partition.refusal = 'tried';
    context.wakeFor(partition);
  });
}

/** Somebody has begun to read again: a second after the last refusal is soon enough, and no storm. */
export function askAgainSoon(context: OutcomeContext, partition: Partition): void {
  if (partition.refusal !== 'resting') return;
  askAgain(context, partition, Math.max(0, partition.refusedAt + ASK_AGAIN_SOON_MS - clock.now()));
}

function accepted({ refusals }: OutcomeContext, partition: Partition): void {
  partition.refusal = null;
  refusals.clear(partition.topic);
}

function takeGood(context: OutcomeContext, taken: Part): void {
  const { asked, part } = taken;
  const { partition, wanted } = asked;
  const { divergingEpoch, preferredReadReplica, records } = part;
  partition.logEnd = logEndOf(part);
  if (divergingEpoch.endOffset >= 0n) {
    if (divergingEpoch.endOffset < wanted.fetchOffset) truncated(context, partition, divergingEpoch);
    else partition.agree(wanted.fetchOffset, divergingEpoch.epoch);
    if (partition.isFinished) context.buffer.wake();
    return;
  }
  if (partition.isFinished) context.buffer.wake();
  if (records !== null && taken.read !== null) deliver(context, taken, records, taken.read);
  else if (preferredReadReplica >= 0) {
    const untilMs = clock.now() + context.cluster.options.metadataMaxAgeMs;
    partition.readReplica = { nodeId: preferredReadReplica, untilMs };
  } else checkEnd(context, partition);
}

/** With the position the end is looked up again. */
function checkEnd(context: OutcomeContext, partition: Partition): void {
  const { position, isCutShort } = partition;
  if (position === null || !isCutShort) return;
  partition.doubtEnd(position);
  context.onUnplaced();
}

function deliver(context: OutcomeContext, { asked, version }: Part, records: Buffer, read: ReadResult | Error): void {
  const { partition, wanted } = asked;
  const { fetchOffset, maxBytes } = wanted;
  if (read instanceof Error) {
    corrupt(context, partition, fetchOffset, read, records);
    return;
  }
  const { data, isCut } = read;
  // Fetch 0-2 cut even the first message at the limit; from v3 on (KIP-74) the first batch comes whole.
  if (isCut && version <= 2) partition.growBytes = Math.min(maxBytes * 2, 0x7fffffff);
  if (data.nextOffset === fetchOffset) {
    if (isCut && version > 2) cutShort(context, { partition, fetchOffset, maxBytes }, records);
    return;
  }
  partition.growBytes = 0;
  context.buffer.offer(partition, data);
  tellEnd(context, partition, data.nextOffset);
}

/**
 * Not even one batch is whole. A broker may have kept the limit though it should not: it is asked for more. If that does not
 * help, the batch is not as long as it says.
 */
function cutShort(
  context: OutcomeContext,
  { partition, fetchOffset, maxBytes }: { partition: Partition; fetchOffset: bigint; maxBytes: number },
  records: Buffer,
): void {
  const size = records.length < 12 ? 12 : 12 + records.readInt32BE(8);
  if (size > maxBytes && maxBytes < context.options.maxBatchBytes) {
    partition.growBytes = Math.min(maxBytes * 2, 0x7fffffff);
    return;
  }
  const { topic, partition: number } = partition;
  const reason = new RangeError(`${size} bytes announced, ${records.length} came`);
  corrupt(context, partition, fetchOffset, new CorruptBatchError(topic, number, fetchOffset, reason), records);
}

function tellEnd({ options, cluster }: OutcomeContext, partition: Partition, offset: bigint): void {
  const { topic, partition: number, logEnd } = partition;
  const { lastStableOffset, highWatermark } = logEnd;
  const isStable = options.isolation === 'read_committed' && lastStableOffset >= 0n;
  if (offset === (isStable ? lastStableOffset : highWatermark)) {
    cluster.emit({ type: 'end', topic, partition: number, offset });
  }
}

function corrupt(
  { buffer, options, cluster }: OutcomeContext,
  partition: Partition,
  fetchOffset: bigint,
  error: Error,
  records: Buffer,
): void {
  if (options.onCorrupt === 'throw') {
    buffer.fail(partition, error);
    return;
  }
  const nextOffset = offsetAfterFirst(records, fetchOffset, partition.logEnd.highWatermark);
  const offsets = `offsets ${fetchOffset} to ${nextOffset - 1n}`;
  cluster.options.logger.warn(`skipped a corrupt batch, ${offsets}: ${error.message}`);
  const nothing = { views: [], nextEpoch: -1, bytes: 0, origin: null };
  buffer.offer(partition, { ...nothing, fetchOffset, nextOffset, epochs: [{ from: fetchOffset, epoch: -1 }] });
}

/**
 * A corrupt header cannot be trusted far: at least one offset is skipped, at most what one batch may hold, and nothing of the
 * next batch, or of what is not written yet.
 */
function offsetAfterFirst(records: Buffer, fetchOffset: bigint, highWatermark: bigint): bigint {
  if (records.length < 27) return fetchOffset + 1n;
  // A wrapper of old messages has the offset of the last one, in all of Kafka's releases.
  const lastDelta = records[16] === 2 ? records.readInt32BE(23) : 0;
  const claimed = records.readBigInt64BE(0) + BigInt(lastDelta) + 1n;
  if (claimed <= fetchOffset || claimed - fetchOffset > 0x7fffffffn) return fetchOffset + 1n;
  const limits = [claimed, baseOfSecond(records), highWatermark].filter((limit) => limit > fetchOffset);
  return limits.sort((a, b) => (a < b ? -1 : 1))[0] ?? claimed;
}

/** Where the batch after the first begins; -1: there is none. */
function baseOfSecond(records: Buffer): bigint {
  const position = 12 + records.readInt32BE(8);
  return position >= 12 && position + 8 <= records.length ? records.readBigInt64BE(position) : -1n;
}

/**
 * KIP-320: an unclean election cut away what we have fetched. What was not handed out yet is fetched again in silence;
 * if the cut goes below the position, reading goes on where the logs part, or the loop gets an error. Never behind what is
 * in hand: its body may yet fail, and then it comes again.
 */
function truncated(
  context: OutcomeContext,
  partition: Partition,
  { epoch, endOffset }: { epoch: number; endOffset: bigint },
): void {
  const { topic, partition: number } = partition;
  const position = partition.position ?? endOffset;
  const done = partition.progress?.doneOffset ?? endOffset;
  if (position <= endOffset) {
    partition.refetch(done);
    return;
  }
  if (context.options.onOutOfRange === 'none') {
    const error = new LogTruncationError(topic, number, { position, divergingOffset: endOffset, epoch });
    partition.refetch(done);
    context.buffer.fail(partition, error);
    return;
  }
  if (done < endOffset) partition.goBackTo(done);
  else partition.placeAt(endOffset, epoch);
  moved(context.cluster, partition, position, done < endOffset ? done : endOffset, 'the log was cut');
}
