/**
 * DeleteTopics (key 20), v0-6. Deletes topics (KIP-4); to be sent to the controller. Brokers without ZooKeeper pass it
 * on.
 *
 *   v1  throttle_time_ms in the response (KIP-124)
 *   v2  throttling after the answer was sent (KIP-219)
 *   v3  may answer TOPIC_DELETION_DISABLED (KIP-322)
 *   v4  flexible
 *   v5  error_message in the response (KIP-599)
 *   v6  topics by name or by id (KIP-516), in a list of its own
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import type { Writer } from '../wire/writer.ts';

export interface DeleteTopicsRequest {
  topics: DeleteTopicsRequestTopic[]; // v6+
  topicNames: string[]; // v0-5
  timeoutMs: number; // after which the answer is REQUEST_TIMED_OUT, done or not
}

/** Either a name, or null and an id. */
export interface DeleteTopicsRequestTopic {
  name: string | null;
  topicId: string;
}

export interface DeleteTopicsResponse {
  throttleTimeMs: number; // v1+
  responses: DeleteTopicsResponseResponse[];
}

export interface DeleteTopicsResponseResponse {
  name: string | null; // null: v6+
  topicId: string; // v6+
  errorCode: number;
  errorMessage: string | null; // v5+
}

/** Deletes topics (KIP-4); to be sent to the controller. */
export const DeleteTopics: Api<DeleteTopicsRequest, DeleteTopicsResponse> = {
  key: 20,
  name: 'DeleteTopics',
  versions: [0, 6],
  flexibleFrom: 4,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: DeleteTopicsRequest): void {
  const absent = v >= 6 ? 'topicNames' : 'topics';
  if (request[absent].length > 0) throw new UnsupportedFieldError('DeleteTopics', v, absent);
  if (v >= 6) {
    w.structs(request.topics, ({ name, topicId }) => {
      w.nullableString(name);
      w.uuid(topicId);
    });
  } else {
    w.array(request.topicNames, (name) => w.string(name));
  }
  w.int32(request.timeoutMs);
  w.tags();
}

function decodeRequest(r: Reader, v: number): DeleteTopicsRequest {
  const request = {
    topics: v >= 6 ? r.structs(() => ({ name: r.nullableString(), topicId: r.uuid() })) : [],
    topicNames: v <= 5 ? r.array(() => r.string()) : [],
    timeoutMs: r.int32(),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: DeleteTopicsResponse): void {
  if (v >= 1) w.int32(response.throttleTimeMs);
  w.structs(response.responses, (deleted) => encodeDeleted(w, v, deleted));
  w.tags();
}

function encodeDeleted(w: Writer, v: number, deleted: DeleteTopicsResponseResponse): void {
  if (v >= 6) w.nullableString(deleted.name);
  else if (deleted.name === null) throw new UnsupportedFieldError('DeleteTopics', v, 'a topic without a name');
  else w.string(deleted.name);
  if (v >= 6) w.uuid(deleted.topicId);
  w.int16(deleted.errorCode);
  if (v >= 5) w.nullableString(deleted.errorMessage);
}

function decodeResponse(r: Reader, v: number): DeleteTopicsResponse {
  const response = {
    throttleTimeMs: v >= 1 ? r.int32() : 0,
    responses: r.structs(() => decodeDeleted(r, v)),
  };
  r.tags();
  return response;
}

function decodeDeleted(r: Reader, v: number): DeleteTopicsResponseResponse {
  return {
    name: v >= 6 ? r.nullableString() : r.string(),
    topicId: v >= 6 ? r.uuid() : ZERO_UUID,
    errorCode: r.int16(),
    errorMessage: v >= 5 ? r.nullableString() : null,
  };
}
