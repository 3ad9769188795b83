// Producer ids and transactions: each visit has a transactional id of its own.
import {
  AddOffsetsToTxn,
  AddPartitionsToTxn,
  DescribeProducers,
  DescribeTransactions,
  EndTxn,
  InitProducerId,
  ListTransactions,
  TxnOffsetCommit,
  WriteTxnMarkers,
} from '@hopwire/protocol';
import { type Probe, probe, type Visit } from '../probe.ts';

export const transactionProbes: readonly Probe[] = [
  probe(InitProducerId, (visit) => initialising(visit.fresh('transaction'))),
  probe(AddPartitionsToTxn, async (visit) => adding(visit, await identity(visit))),
  probe(AddOffsetsToTxn, async (visit) => ({ ...(await identity(visit)), groupId: visit.fresh('group') })),
  probe(TxnOffsetCommit, async (visit) => {
    const producer = await identity(visit);
    const groupId = visit.fresh('group');
    await visit.conversation.ask(AddOffsetsToTxn, 3, { ...producer, groupId });
    const offset = { partitionIndex: 0, committedOffset: 1n, committedLeaderEpoch: -1, committedMetadata: null };
    const topics = [{ name: visit.topic, topicId: visit.topicId, partitions: [offset] }];
    return { ...producer, groupId, generationId: -1, memberId: '', groupInstanceId: null, topics };
  }),
  probe(EndTxn, async (visit) => ({ ...(await begun(visit)), committed: true })),
  probe(WriteTxnMarkers, async (visit) => {
    const { producerId, producerEpoch } = await identity(visit);
    const topics = [{ name: visit.topic, partitionIndexes: [0] }];
    const ending = { transactionResult: true, coordinatorEpoch: 0, transactionVersion: 0 };
    return { markers: [{ producerId, producerEpoch, topics, ...ending }] };
  }),
  probe(DescribeProducers, ({ topic }) => ({ topics: [{ name: topic, partitionIndexes: [0] }] })),
  probe(DescribeTransactions, async (visit) => ({ transactionalIds: [(await begun(visit)).transactionalId] })),
  probe(ListTransactions, async (visit) => {
    await begun(visit);
    return { stateFilters: [], producerIdFilters: [], durationFilter: -1n, transactionalIdPattern: null };
  }),
];

interface Producer {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

function initialising(transactionalId: string) {
  const none = { producerId: -1n, producerEpoch: -1, enable2Pc: false, keepPreparedTxn: false };
  return { transactionalId, transactionTimeoutMs: 30_000, ...none };
}

async function identity(visit: Visit): Promise<Producer> {
  const transactionalId = visit.fresh('transaction');
  const { body } = await visit.conversation.ask(InitProducerId, 4, initialising(transactionalId));
  return { transactionalId, producerId: body.producerId, producerEpoch: body.producerEpoch };
}

/** A transaction with a partition in it. */
async function begun(visit: Visit): Promise<Producer> {
  const producer = await identity(visit);
  await visit.conversation.ask(AddPartitionsToTxn, 3, adding(visit, producer));
  return producer;
}

function adding({ topic }: Visit, producer: Producer) {
  return { transactions: [{ ...producer, verifyOnly: false, topics: [{ name: topic, partitions: [0] }] }] };
}
