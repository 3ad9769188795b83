/**
 * AlterUserScramCredentials (key 51), v0. Sets and deletes SCRAM credentials (KIP-554); to be sent to the controller.
 * Brokers without ZooKeeper pass it on. The password itself never travels: only what is salted and hashed.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface AlterUserScramCredentialsRequest {
  deletions: AlterUserScramCredentialsRequestDeletion[];
  upsertions: AlterUserScramCredentialsRequestUpsertion[];
}

export interface AlterUserScramCredentialsRequestDeletion {
  name: string;
  mechanism: number; // ScramMechanismId
}

export interface AlterUserScramCredentialsRequestUpsertion {
  name: string;
  mechanism: number; // ScramMechanismId
  iterations: number; // 4096 to 16384
  salt: Buffer;
  saltedPassword: Buffer; // Hi() of RFC 5802 over the password: as secret as that
}

export interface AlterUserScramCredentialsResponse {
  throttleTimeMs: number;
  results: AlterUserScramCredentialsResponseResult[];
}

/** One for each user, however many of its credentials were to be changed. */
export interface AlterUserScramCredentialsResponseResult {
  user: string;
  errorCode: number;
  errorMessage: string | null;
}

/** Sets and deletes SCRAM credentials (KIP-554); to be sent to the controller. */
export const AlterUserScramCredentials: Api<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse> = {
  key: 51,
  name: 'AlterUserScramCredentials',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: AlterUserScramCredentialsRequest): void {
  w.structs(request.deletions, ({ name, mechanism }) => {
    w.string(name);
    w.int8(mechanism);
  });
  w.structs(request.upsertions, (upsertion) => {
    w.string(upsertion.name);
    w.int8(upsertion.mechanism);
    w.int32(upsertion.iterations);
    w.bytes(upsertion.salt);
    w.bytes(upsertion.saltedPassword);
  });
  w.tags();
}

function decodeRequest(r: Reader): AlterUserScramCredentialsRequest {
  const request = {
    deletions: r.structs(() => ({ name: r.string(), mechanism: r.int8() })),
    upsertions: r.structs(() => ({
      name: r.string(),
      mechanism: r.int8(),
      iterations: r.int32(),
      salt: r.bytes(),
      saltedPassword: r.bytes(),
    })),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: AlterUserScramCredentialsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.results, ({ user, errorCode, errorMessage }) => {
    w.string(user);
    w.int16(errorCode);
    w.nullableString(errorMessage);
  });
  w.tags();
}

function decodeResponse(r: Reader): AlterUserScramCredentialsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    results: r.structs(() => ({ user: r.string(), errorCode: r.int16(), errorMessage: r.nullableString() })),
  };
  r.tags();
  return response;
}
