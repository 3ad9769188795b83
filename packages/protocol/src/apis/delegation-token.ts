// What the messages about delegation tokens have in common (KIP-48).
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface TokenPrincipal {
  principalType: string; // mostly `User`
  principalName: string;
}

/** Whose token it is, and who asked for it: another one since KIP-373. */
export interface TokenParties extends TokenPrincipal {
  tokenRequesterPrincipalType: string; // v3+
  tokenRequesterPrincipalName: string; // v3+
}

/** The answer to what moves the end of a token. */
export interface TokenExpiry {
  errorCode: number;
  expiryTimestampMs: bigint; // Unix time
  throttleTimeMs: number;
}

export function encodePrincipal(w: Writer, principal: TokenPrincipal): void {
  w.string(principal.principalType);
  w.string(principal.principalName);
}

export function decodePrincipal(r: Reader): TokenPrincipal {
  return { principalType: r.string(), principalName: r.string() };
}

export function encodeParties(w: Writer, v: number, parties: TokenParties): void {
  encodePrincipal(w, parties);
  if (v >= 3) w.string(parties.tokenRequesterPrincipalType);
  if (v >= 3) w.string(parties.tokenRequesterPrincipalName);
}

export function decodeParties(r: Reader, v: number): TokenParties {
  return {
    ...decodePrincipal(r),
    tokenRequesterPrincipalType: v >= 3 ? r.string() : '',
    tokenRequesterPrincipalName: v >= 3 ? r.string() : '',
  };
}

export function encodeExpiry(w: Writer, _v: number, expiry: TokenExpiry): void {
  w.int16(expiry.errorCode);
  w.int64(expiry.expiryTimestampMs);
  w.int32(expiry.throttleTimeMs);
  w.tags();
}

export function decodeExpiry(r: Reader): TokenExpiry {
  const expiry = { errorCode: r.int16(), expiryTimestampMs: r.int64(), throttleTimeMs: r.int32() };
  r.tags();
  return expiry;
}
