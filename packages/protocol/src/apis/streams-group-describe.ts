/**
 * StreamsGroupDescribe (key 89), v0-1. State, topology, members and tasks of streams groups (KIP-1071); to be sent to
 * the coordinator of each.
 *
 *   v0  flexible
 *   v1  the topology as people want to see it (KIP-1331), assignor_name (KIP-1357)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { streamsGroupDescribeResponse } from './streams-group-describe-response.ts';
import type { StreamsGroupDescribeRequest, StreamsGroupDescribeResponse } from './streams-group-describe-shapes.ts';

export type * from './streams-group-describe-shapes.ts';

export const StreamsGroupDescribe: Api<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse> = {
  key: 89,
  name: 'StreamsGroupDescribe',
  versions: [0, 1],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: streamsGroupDescribeResponse,
};

function encodeRequest(w: Writer, v: number, request: StreamsGroupDescribeRequest): void {
  const { includeTopologyDescription } = request;
  w.array(request.groups, (group) => w.string(group));
  w.bool(request.includeAuthorizedOperations);
  if (v >= 1) w.bool(includeTopologyDescription);
  else if (includeTopologyDescription) {
    throw new UnsupportedFieldError('StreamsGroupDescribe', v, 'includeTopologyDescription');
  }
  w.tags();
}

function decodeRequest(r: Reader, v: number): StreamsGroupDescribeRequest {
  const request = {
    groups: r.array(() => r.string()),
    includeAuthorizedOperations: r.bool(),
    includeTopologyDescription: v >= 1 ? r.bool() : false,
  };
  r.tags();
  return request;
}
