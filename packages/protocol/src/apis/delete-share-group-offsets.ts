/**
 * DeleteShareGroupOffsets (key 92), v0. Makes a share group without members forget topics (KIP-932); to be sent to
 * its coordinator.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcome } from './outcome.ts';

export interface DeleteShareGroupOffsetsRequest {
  groupId: string;
  topics: DeleteShareGroupOffsetsRequestTopic[];
}

export interface DeleteShareGroupOffsetsRequestTopic {
  topicName: string;
}

export interface DeleteShareGroupOffsetsResponse extends Outcome {
  responses: DeleteShareGroupOffsetsResponseTopic[];
}

export interface DeleteShareGroupOffsetsResponseTopic {
  topicName: string;
  topicId: string;
  errorCode: number;
  errorMessage: string | null;
}

/** Makes a share group without members forget topics (KIP-932); to be sent to its coordinator. */
export const DeleteShareGroupOffsets: Api<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse> = {
  key: 92,
  name: 'DeleteShareGroupOffsets',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DeleteShareGroupOffsetsRequest): void {
  w.string(request.groupId);
  w.structs(request.topics, ({ topicName }) => w.string(topicName));
  w.tags();
}

function decodeRequest(r: Reader): DeleteShareGroupOffsetsRequest {
  const request = { groupId: r.string(), topics: r.structs(() => ({ topicName: r.string() })) };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: DeleteShareGroupOffsetsResponse): void {
  outcome.encode(w, response);
  w.structs(response.responses, (topic) => encodeTopic(w, topic));
  w.tags();
}

function encodeTopic(w: Writer, topic: DeleteShareGroupOffsetsResponseTopic): void {
  w.string(topic.topicName);
  w.uuid(topic.topicId);
  w.int16(topic.errorCode);
  w.nullableString(topic.errorMessage);
}

function decodeResponse(r: Reader): DeleteShareGroupOffsetsResponse {
  const response = { ...outcome.decode(r), responses: r.structs(() => decodeTopic(r)) };
  r.tags();
  return response;
}

function decodeTopic(r: Reader): DeleteShareGroupOffsetsResponseTopic {
  return { topicName: r.string(), topicId: r.uuid(), errorCode: r.int16(), errorMessage: r.nullableString() };
}
