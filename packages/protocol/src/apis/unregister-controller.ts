/**
 * UnregisterController (key 94), v0. Forgets a controller that will not come back (KIP-1312); to be sent to the active
 * controller, or to a broker, which passes it on.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcomeAlone } from './outcome.ts';

export interface UnregisterControllerRequest {
  controllerId: number;
}

export type UnregisterControllerResponse = Outcome;

/**
 * Forgets a controller that will not come back (KIP-1312); to be sent to the active controller, or to a broker, which
 * passes it on.
 */
export const UnregisterController: Api<UnregisterControllerRequest, UnregisterControllerResponse> = {
  key: 94,
  name: 'UnregisterController',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: outcomeAlone,
};

function encodeRequest(w: Writer, _v: number, request: UnregisterControllerRequest): void {
  w.int32(request.controllerId);
  w.tags();
}

function decodeRequest(r: Reader): UnregisterControllerRequest {
  const request = { controllerId: r.int32() };
  r.tags();
  return request;
}
