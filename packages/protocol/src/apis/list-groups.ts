/**
 * ListGroups (key 16), v0-5. The groups that the asked broker coordinates; all brokers together know all groups.
 *
 *   v1  throttle_time_ms in the response (KIP-124)
 *   v2  throttling after the answer was sent (KIP-219)
 *   v3  flexible
 *   v4  the state of each group, and a filter by it (KIP-518)
 *   v5  the type of each group, and a filter by it (KIP-848)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

/** An empty filter lets every group through. */
export interface ListGroupsRequest {
  statesFilter: string[]; // v4+; GroupState
  typesFilter: string[]; // v5+; GroupType
}

export interface ListGroupsResponse {
  throttleTimeMs: number; // v1+
  errorCode: number;
  groups: ListGroupsResponseGroup[];
}

export interface ListGroupsResponseGroup {
  groupId: string;
  protocolType: string; // `consumer` for consumers, '' for a group that only stores offsets
  groupState: string; // v4+; GroupState
  groupType: string; // v5+; GroupType
}

/** The groups that the asked broker coordinates; all brokers together know all groups. */
export const ListGroups: Api<ListGroupsRequest, ListGroupsResponse> = {
  key: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexibleFrom: 3,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: ListGroupsRequest): void {
  encodeFilter(w, v, 4, request, 'statesFilter');
  encodeFilter(w, v, 5, request, 'typesFilter');
  w.tags();
}

type FilterName = keyof ListGroupsRequest;

/** Without the filter the answer would hold groups that nobody asked for. */
function encodeFilter(w: Writer, v: number, since: number, request: ListGroupsRequest, name: FilterName): void {
  const filter = request[name];
  if (v >= since) w.array(filter, (word) => w.string(word));
  else if (filter.length > 0) throw new UnsupportedFieldError('ListGroups', v, name);
}

function decodeRequest(r: Reader, v: number): ListGroupsRequest {
  const request = {
    statesFilter: v >= 4 ? r.array(() => r.string()) : [],
    typesFilter: v >= 5 ? r.array(() => r.string()) : [],
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: ListGroupsResponse): void {
  if (v >= 1) w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  w.structs(response.groups, (group) => {
    w.string(group.groupId);
    w.string(group.protocolType);
    if (v >= 4) w.string(group.groupState);
    if (v >= 5) w.string(group.groupType);
  });
  w.tags();
}

function decodeResponse(r: Reader, v: number): ListGroupsResponse {
  const response = {
    throttleTimeMs: v >= 1 ? r.int32() : 0,
    errorCode: r.int16(),
    groups: r.structs(() => ({
      groupId: r.string(),
      protocolType: r.string(),
      groupState: v >= 4 ? r.string() : '',
      groupType: v >= 5 ? r.string() : '',
    })),
  };
  r.tags();
  return response;
}
