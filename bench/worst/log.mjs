// What a partition holds, given out by the embedded broker as it is: nothing of it is looked at there.

/** The log's own offsets in a batch's header; they are not part of its checksum. */
export function at(offset, batch) {
  const placed = Buffer.from(batch);
  placed.writeBigInt64BE(BigInt(offset), 0);
  return { offset: BigInt(offset), bytes: placed };
}

/** The same batch again and again, each with the next offset. */
export const times = (count, batch) => Array.from({ length: count }, (_, i) => at(i, batch));

/** @param batches of `at`, in order; each ends where the next one begins */
export function giveOut(broker, { Fetch }, batches, { end, abortedTransactions = null }) {
  const answer = ({ topics, maxBytes }) => {
    const [asked] = topics;
    const [wanted] = asked?.partitions ?? [];
    if (wanted === undefined || wanted.fetchOffset >= end) return 'swallow';
    const first = batches.findLastIndex(({ offset }) => offset <= wanted.fetchOffset);
    const records = whole(batches.slice(first), Math.min(maxBytes, wanted.partitionMaxBytes));
    return { answer: answerOf(asked, records, end, abortedTransactions) };
  };
  broker.on(Fetch, answer, { always: true });
}

/** As brokers do: the first one whole, and what else there is room for. */
function whole(batches, most) {
  let left = most - batches[0].bytes.length;
  let count = 1;
  for (; count < batches.length && batches[count].bytes.length <= left; count++) left -= batches[count].bytes.length;
  return Buffer.concat(batches.slice(0, count).map(({ bytes }) => bytes));
}

function answerOf({ topic, topicId }, records, end, abortedTransactions) {
  const partition = {
    partitionIndex: 0,
    errorCode: 0,
    highWatermark: end,
    lastStableOffset: end,
    logStartOffset: 0n,
    divergingEpoch: { epoch: -1, endOffset: -1n },
    currentLeader: { leaderId: -1, leaderEpoch: -1 },
    snapshotId: { endOffset: -1n, epoch: -1 },
    abortedTransactions,
    preferredReadReplica: -1,
    records,
  };
  const responses = [{ topic, topicId, partitions: [partition] }];
  return { throttleTimeMs: 0, errorCode: 0, sessionId: 0, nodeEndpoints: [], responses };
}
