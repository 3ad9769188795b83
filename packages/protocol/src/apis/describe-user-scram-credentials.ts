/**
 * DescribeUserScramCredentials (key 50), v0. Which users have SCRAM credentials, for which mechanisms (KIP-554); any
 * broker answers.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcome } from './outcome.ts';

export interface DescribeUserScramCredentialsRequest {
  users: DescribeUserScramCredentialsRequestUser[] | null; // null or empty: all
}

export interface DescribeUserScramCredentialsRequestUser {
  name: string;
}

export interface DescribeUserScramCredentialsResponse extends Outcome {
  results: DescribeUserScramCredentialsResponseResult[];
}

export interface DescribeUserScramCredentialsResponseResult {
  user: string;
  errorCode: number;
  errorMessage: string | null;
  credentialInfos: DescribeUserScramCredentialsResponseCredentialInfo[];
}

export interface DescribeUserScramCredentialsResponseCredentialInfo {
  mechanism: number; // ScramMechanismId
  iterations: number;
}

/** Which users have SCRAM credentials, for which mechanisms (KIP-554); any broker answers. */
export const DescribeUserScramCredentials: Api<
  DescribeUserScramCredentialsRequest,
  DescribeUserScramCredentialsResponse
> = {
  key: 50,
  name: 'DescribeUserScramCredentials',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DescribeUserScramCredentialsRequest): void {
  w.nullableStructs(request.users, ({ name }) => w.string(name));
  w.tags();
}

function decodeRequest(r: Reader): DescribeUserScramCredentialsRequest {
  const request = { users: r.nullableStructs(() => ({ name: r.string() })) };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: DescribeUserScramCredentialsResponse): void {
  outcome.encode(w, response);
  w.structs(response.results, (result) => {
    w.string(result.user);
    w.int16(result.errorCode);
    w.nullableString(result.errorMessage);
    w.structs(result.credentialInfos, ({ mechanism, iterations }) => {
      w.int8(mechanism);
      w.int32(iterations);
    });
  });
  w.tags();
}

function decodeResponse(r: Reader): DescribeUserScramCredentialsResponse {
  const response = {
    ...outcome.decode(r),
    results: r.structs(() => ({
      user: r.string(),
      errorCode: r.int16(),
      errorMessage: r.nullableString(),
      credentialInfos: r.structs(() => ({ mechanism: r.int8(), iterations: r.int32() })),
    })),
  };
  r.tags();
  return response;
}
