// Finds each batch's part of a Produce answer.
import type { ProduceRequest, ProduceResponse, ProduceResponsePartition } from '@hopwire/protocol';
import { ProtocolError } from '../errors.ts';
import type { ProducerBatch } from './batch.ts';

/** The last version that names topics; the next one needs their ids (KIP-516). */
export const BY_NAME = 12;

/** An answer for one batch. */
export type Answer = Pick<
  ProduceResponsePartition,
  'errorCode' | 'baseOffset' | 'logAppendTimeMs' | 'recordErrors' | 'errorMessage'
>;

/** With `acks: 'none'` nothing comes back: handed to the socket is all there is to know. */
export function withoutAnswer(_batch: ProducerBatch): Answer {
  return { errorCode: 0, baseOffset: -1n, logAppendTimeMs: -1n, recordErrors: [], errorMessage: null };
}

/** @returns a look-up that throws ProtocolError for a partition the broker left out */
export function answersOf(request: ProduceRequest, response: ProduceResponse): (batch: ProducerBatch) => Answer {
  const names = new Map(request.topicData.map(({ topicId, name }) => [topicId, name]));
  const answers = new Map<string, Answer>();
  for (const topic of response.responses) {
    const name = topic.name || names.get(topic.topicId);
    for (const partition of topic.partitionResponses) answers.set(`${partition.index} ${name}`, partition);
  }
  return (batch) => {
    const answer = answers.get(`${batch.partition} ${batch.topic}`);
    if (answer) return answer;
    throw new ProtocolError(`Produce: the answer says nothing about ${batch.topic}[${batch.partition}]`);
  };
}
