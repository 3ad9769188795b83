// Batches to a Produce request, and its answer back to the batches.

import type { ProduceResponsePartition } from '@hopwire/protocol';
import {
  Acks,
  type Api,
  NO_LEADER,
  Produce,
  type ProduceRequest,
  type ProduceResponse,
  ZERO_UUID,
} from '@hopwire/protocol';
import type { MetadataSnapshot } from '../cluster/metadata.ts';
import { ProtocolError } from '../errors.ts';
import type { ProducerBatch } from './batch.ts';

/** Batches of magic 2 need version 3; older brokers are refused with what both sides speak. */
export const ProduceBatches: Api<ProduceRequest, ProduceResponse> = { ...Produce, versions: [3, Produce.versions[1]] };

/** The last version that names topics; the next one needs their ids (KIP-516). */
const BY_NAME = 12;

export interface ProduceSettings {
  readonly acks: keyof typeof Acks;
  /** For which the leader waits for its followers. */
  readonly timeoutMs: number;
}

/** An answer for one batch. */
export type Answer = Pick<
  ProduceResponsePartition,
  'errorCode' | 'baseOffset' | 'logAppendTimeMs' | 'recordErrors' | 'errorMessage' | 'currentLeader'
>;

/** With `acks: 'none'` nothing comes back: handed to the socket is all there is to know. */
export const NO_ANSWER: Answer = {
  errorCode: 0,
  baseOffset: -1n,
  logAppendTimeMs: -1n,
  recordErrors: [],
  errorMessage: null,
  currentLeader: NO_LEADER,
};

/** @param batches sealed with `compression: 'none'` or before; the bytes are not copied */
export function produceRequest(
  batches: readonly ProducerBatch[],
  snapshot: MetadataSnapshot,
  { acks, timeoutMs }: ProduceSettings,
): { request: ProduceRequest; maxVersion: number | undefined } {
  const topics = new Map<string, ProduceRequest['topicData'][number]>();
  let maxVersion: number | undefined;
  for (const batch of batches) {
    let topic = topics.get(batch.topic);
    if (!topic) {
      const topicId = snapshot.topics.get(batch.topic)?.topicId ?? ZERO_UUID;
      if (topicId === ZERO_UUID) maxVersion = BY_NAME;
      topic = { name: batch.topic, topicId, partitionData: [] };
      topics.set(batch.topic, topic);
    }
    topic.partitionData.push({ index: batch.partition, records: batch.seal('none') });
  }
  const request = { transactionalId: null, acks: Acks[acks], timeoutMs, topicData: [...topics.values()] };
  return { request, maxVersion };
}

/** @returns a look-up; what the broker left out is a ProtocolError */
export function answersOf(
  request: ProduceRequest,
  response: ProduceResponse,
): (batch: ProducerBatch) => Answer | Error {
  const answers = onlyAnswer(request, response) ?? answersByPlace(request, response);
  return ({ topic, partition }) =>
    (answers instanceof Map ? answers.get(`${partition} ${topic}`) : answers) ??
    new ProtocolError(`Produce: the answer says nothing about ${topic}[${partition}]`);
}

/** One question, one answer: no look-up. */
function onlyAnswer(request: ProduceRequest, response: ProduceResponse): Answer | null {
  const [asked] = request.topicData;
  const [topic] = response.responses;
  if (!asked || !topic || request.topicData.length > 1 || response.responses.length > 1) return null;
  const [partition] = topic.partitionResponses;
  if (!partition || asked.partitionData.length > 1 || topic.partitionResponses.length > 1) return null;
  const isIt = partition.index === asked.partitionData[0]?.index && isAbout(topic, asked);
  return isIt ? partition : null;
}

/** Newer versions say the id, older ones the name. */
function isAbout(answer: ProduceResponse['responses'][number], asked: ProduceRequest['topicData'][number]): boolean {
  return answer.name ? answer.name === asked.name : answer.topicId === asked.topicId;
}

function answersByPlace(request: ProduceRequest, response: ProduceResponse): Map<string, Answer> {
  const names = new Map(request.topicData.map(({ topicId, name }) => [topicId, name]));
  const answers = new Map<string, Answer>();
  for (const topic of response.responses) {
    const name = topic.name || names.get(topic.topicId);
    for (const partition of topic.partitionResponses) answers.set(`${partition.index} ${name}`, partition);
  }
  return answers;
}
