// The three fields with which most answers about the whole cluster begin, and beyond which some say nothing.
import type { Codec } from '../api.ts';
import type { Part } from './part.ts';

/** How a request as a whole went. */
export interface Outcome {
  throttleTimeMs: number;
  errorCode: number; // 0: it went well
  errorMessage: string | null;
}

export const outcome: Part<Outcome> = {
  encode(w, { throttleTimeMs, errorCode, errorMessage }) {
    w.int32(throttleTimeMs);
    w.int16(errorCode);
    w.nullableString(errorMessage);
  },
  decode(r) {
    return { throttleTimeMs: r.int32(), errorCode: r.int16(), errorMessage: r.nullableString() };
  },
};

/** The body of an answer, in every version, that is nothing but its outcome. */
export const outcomeAlone: Codec<Outcome> = {
  encode(w, _v, response) {
    outcome.encode(w, response);
    w.tags();
  },
  decode(r) {
    const response = outcome.decode(r);
    r.tags();
    return response;
  },
};
