/**
 * UnregisterBroker (key 64), v0. Forgets a broker that will not come back (KIP-631); to be sent to a controller, or
 * to a broker, which passes it on.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcomeAlone } from './outcome.ts';

export interface UnregisterBrokerRequest {
  brokerId: number;
}

export type UnregisterBrokerResponse = Outcome;

/**
 * Forgets a broker that will not come back (KIP-631); to be sent to a controller, or to a broker, which passes it on.
 */
export const UnregisterBroker: Api<UnregisterBrokerRequest, UnregisterBrokerResponse> = {
  key: 64,
  name: 'UnregisterBroker',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: outcomeAlone,
};

function encodeRequest(w: Writer, _v: number, request: UnregisterBrokerRequest): void {
  w.int32(request.brokerId);
  w.tags();
}

function decodeRequest(r: Reader): UnregisterBrokerRequest {
  const request = { brokerId: r.int32() };
  r.tags();
  return request;
}
