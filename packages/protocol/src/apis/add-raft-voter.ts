/**
 * AddRaftVoter (key 80), v0-1. Makes a controller a voter of the quorum (KIP-853). The leader of the quorum answers;
 * brokers pass it on.
 *
 *   v0  flexible
 *   v1  ack_when_committed (KIP-1186)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcomeAlone } from './outcome.ts';
import { type RaftListener, raftListeners } from './raft-listener.ts';

export interface AddRaftVoterRequest {
  clusterId: string | null; // null: whichever it is
  timeoutMs: number; // after which the answer is REQUEST_TIMED_OUT, done or not
  voterId: number;
  voterDirectoryId: string;
  listeners: RaftListener[];
  ackWhenCommitted: boolean; // v1+; false: answer when the leader alone has it. v0 always waits for the commit
}

export type AddRaftVoterResponse = Outcome;

/** Makes a controller a voter of the quorum (KIP-853). */
export const AddRaftVoter: Api<AddRaftVoterRequest, AddRaftVoterResponse> = {
  key: 80,
  name: 'AddRaftVoter',
  versions: [0, 1],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: outcomeAlone,
};

function encodeRequest(w: Writer, v: number, request: AddRaftVoterRequest): void {
  const { ackWhenCommitted } = request;
  if (v < 1 && !ackWhenCommitted) throw new UnsupportedFieldError('AddRaftVoter', v, 'ackWhenCommitted: false');
  w.nullableString(request.clusterId);
  w.int32(request.timeoutMs);
  w.int32(request.voterId);
  w.uuid(request.voterDirectoryId);
  raftListeners.encode(w, request.listeners);
  if (v >= 1) w.bool(ackWhenCommitted);
  w.tags();
}

function decodeRequest(r: Reader, v: number): AddRaftVoterRequest {
  const request = {
    clusterId: r.nullableString(),
    timeoutMs: r.int32(),
    voterId: r.int32(),
    voterDirectoryId: r.uuid(),
    listeners: raftListeners.decode(r),
    ackWhenCommitted: v >= 1 ? r.bool() : true,
  };
  r.tags();
  return request;
}
