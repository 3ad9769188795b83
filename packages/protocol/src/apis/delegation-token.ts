// What the messages about delegation tokens have in common (KIP-48).
import type { Codec } from '../api.ts';
import type { Part } from './part.ts';

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

export const tokenPrincipal: Part<TokenPrincipal> = {
  encode(w, { principalType, principalName }) {
    w.string(principalType);
    w.string(principalName);
  },
  decode(r) {
    return { principalType: r.string(), principalName: r.string() };
  },
};

export const tokenParties: Codec<TokenParties> = {
  encode(w, v, parties) {
    tokenPrincipal.encode(w, parties);
    if (v >= 3) w.string(parties.tokenRequesterPrincipalType);
    if (v >= 3) w.string(parties.tokenRequesterPrincipalName);
  },
  decode(r, v) {
    return {
      ...tokenPrincipal.decode(r),
      tokenRequesterPrincipalType: v >= 3 ? r.string() : '',
      tokenRequesterPrincipalName: v >= 3 ? r.string() : '',
    };
  },
};

export const tokenExpiry: Codec<TokenExpiry> = {
  encode(w, _v, expiry) {
    w.int16(expiry.errorCode);
    w.int64(expiry.expiryTimestampMs);
    w.int32(expiry.throttleTimeMs);
    w.tags();
  },
  decode(r) {
    const expiry = { errorCode: r.int16(), expiryTimestampMs: r.int64(), throttleTimeMs: r.int32() };
    r.tags();
    return expiry;
  },
};
