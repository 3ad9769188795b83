// How a dial failed, before it is known what that means.
import { messageOf } from '../thrown.ts';

/**
 * How far a dial had come: what its failure means depends on it. `dialer` is the user's `openSocket`, `stream` what that
 * resolved with.
 */
export type DialStage = 'tcp' | 'tls' | 'dialer' | 'stream';

/** What node or the user's dialer said, and when; `failures.ts` turns it into an error of ours. */
export class DialFailure extends Error {
  override readonly name = 'DialFailure';
  readonly stage: DialStage;

  constructor(stage: DialStage, cause: unknown) {
    super(messageOf(cause), { cause });
    this.stage = stage;
  }
}
