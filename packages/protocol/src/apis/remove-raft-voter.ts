/**
 * RemoveRaftVoter (key 81), v0. Takes a controller out of the voters of the quorum (KIP-853). The leader of the quorum
 * answers; brokers pass it on.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcomeAlone } from './outcome.ts';

export interface RemoveRaftVoterRequest {
  clusterId: string | null; // null: whichever it is
  voterId: number;
  voterDirectoryId: string;
}

export type RemoveRaftVoterResponse = Outcome;

/** Takes a controller out of the voters of the quorum (KIP-853). */
export const RemoveRaftVoter: Api<RemoveRaftVoterRequest, RemoveRaftVoterResponse> = {
  key: 81,
  name: 'RemoveRaftVoter',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: outcomeAlone,
};

function encodeRequest(w: Writer, _v: number, request: RemoveRaftVoterRequest): void {
  w.nullableString(request.clusterId);
  w.int32(request.voterId);
  w.uuid(request.voterDirectoryId);
  w.tags();
}

function decodeRequest(r: Reader): RemoveRaftVoterRequest {
  const request = { clusterId: r.nullableString(), voterId: r.int32(), voterDirectoryId: r.uuid() };
  r.tags();
  return request;
}
