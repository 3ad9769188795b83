/**
 * CreatePartitions (key 37), v0-3. Adds partitions to topics (KIP-195); to be sent to the controller. Brokers without
 * ZooKeeper pass it on.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 *   v3  may answer THROTTLING_QUOTA_EXCEEDED (KIP-599)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface CreatePartitionsRequest {
  topics: CreatePartitionsRequestTopic[];
  timeoutMs: number; // after which the answer is REQUEST_TIMED_OUT, done or not
  /** Check only, change nothing. */
  validateOnly: boolean;
}

export interface CreatePartitionsRequestTopic {
  name: string;
  count: number; // of all partitions afterwards, not of those to add
  assignments: CreatePartitionsRequestAssignment[] | null; // one for each new partition; null: the broker's choice
}

export interface CreatePartitionsRequestAssignment {
  brokerIds: number[]; // the preferred leader first
}

export interface CreatePartitionsResponse {
  throttleTimeMs: number;
  results: CreatePartitionsResponseResult[];
}

export interface CreatePartitionsResponseResult {
  name: string;
  errorCode: number;
  errorMessage: string | null;
}

/** Adds partitions to topics (KIP-195); to be sent to the controller. */
export const CreatePartitions: Api<CreatePartitionsRequest, CreatePartitionsResponse> = {
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: CreatePartitionsRequest): void {
  w.structs(request.topics, ({ name, count, assignments }) => {
    w.string(name);
    w.int32(count);
    w.nullableStructs(assignments, ({ brokerIds }) => w.array(brokerIds, (id) => w.int32(id)));
  });
  w.int32(request.timeoutMs);
  w.bool(request.validateOnly);
  w.tags();
}

function decodeRequest(r: Reader): CreatePartitionsRequest {
  const request = {
    topics: r.structs(() => ({
      name: r.string(),
      count: r.int32(),
      assignments: r.nullableStructs(() => ({ brokerIds: r.array(() => r.int32()) })),
    })),
    timeoutMs: r.int32(),
    validateOnly: r.bool(),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: CreatePartitionsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.results, ({ name, errorCode, errorMessage }) => {
    w.string(name);
    w.int16(errorCode);
    w.nullableString(errorMessage);
  });
  w.tags();
}

function decodeResponse(r: Reader): CreatePartitionsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    results: r.structs(() => ({ name: r.string(), errorCode: r.int16(), errorMessage: r.nullableString() })),
  };
  r.tags();
  return response;
}
