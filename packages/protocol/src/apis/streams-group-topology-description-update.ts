/**
 * StreamsGroupTopologyDescriptionUpdate (key 93), v0. A member of a streams group tells the graph of its application,
 * after a heartbeat was answered with topology_description_required (KIP-1331); to be sent to the coordinator.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcomeAlone } from './outcome.ts';
import { type StreamsTopologyDescription, streamsTopologyDescription } from './streams-topology-description.ts';

export interface StreamsGroupTopologyDescriptionUpdateRequest {
  groupId: string;
  memberId: string;
  topologyEpoch: number;
  topologyDescription: StreamsTopologyDescription;
}

export type StreamsGroupTopologyDescriptionUpdateResponse = Outcome;

/**
 * A member of a streams group tells the graph of its application, after a heartbeat was answered with
 * topology_description_required (KIP-1331); to be sent to the coordinator.
 */
export const StreamsGroupTopologyDescriptionUpdate: Api<
  StreamsGroupTopologyDescriptionUpdateRequest,
  StreamsGroupTopologyDescriptionUpdateResponse
> = {
  key: 93,
  name: 'StreamsGroupTopologyDescriptionUpdate',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: outcomeAlone,
};

function encodeRequest(w: Writer, _v: number, request: StreamsGroupTopologyDescriptionUpdateRequest): void {
  w.string(request.groupId);
  w.string(request.memberId);
  w.int32(request.topologyEpoch);
  w.struct(request.topologyDescription, (description) => streamsTopologyDescription.encode(w, description));
  w.tags();
}

function decodeRequest(r: Reader): StreamsGroupTopologyDescriptionUpdateRequest {
  const request = {
    groupId: r.string(),
    memberId: r.string(),
    topologyEpoch: r.int32(),
    topologyDescription: r.struct(() => streamsTopologyDescription.decode(r)),
  };
  r.tags();
  return request;
}
