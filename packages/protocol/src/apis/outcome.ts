// The three fields with which most answers about the whole cluster begin, and beyond which some say nothing.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

/** How a request as a whole went. */
export interface Outcome {
  throttleTimeMs: number;
  errorCode: number; // 0: it went well
  errorMessage: string | null;
}

export function encodeOutcome(w: Writer, outcome: Outcome): void {
  w.int32(outcome.throttleTimeMs);
  w.int16(outcome.errorCode);
  w.nullableString(outcome.errorMessage);
}

export function decodeOutcome(r: Reader): Outcome {
  return { throttleTimeMs: r.int32(), errorCode: r.int16(), errorMessage: r.nullableString() };
}

/** The body of an answer, in every version, that is nothing but its outcome. */
export function encodeOutcomeAlone(w: Writer, _v: number, outcome: Outcome): void {
  encodeOutcome(w, outcome);
  w.tags();
}

export function decodeOutcomeAlone(r: Reader): Outcome {
  const outcome = decodeOutcome(r);
  r.tags();
  return outcome;
}
