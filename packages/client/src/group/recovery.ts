// Which failures a member gets over by joining again, and which end its consumer.
import { Errors } from '@hopwire/protocol';
import { FencedError, isBrokerError, isRetriable } from '../errors.ts';
import type { Ending } from './ending.ts';

export interface Who {
  readonly groupId: string;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

const OUT: ReadonlySet<number> = new Set([
  Errors.UNKNOWN_MEMBER_ID,
  Errors.ILLEGAL_GENERATION,
  Errors.REBALANCE_IN_PROGRESS,
]);

/** Did the group go on without the member? */
export function isOutOfGeneration(error: Error): boolean {
  return isBrokerError(error) && OUT.has(error.errorCode);
}

/** What ends the consumer together with a generation; null: nothing does. */
export function fatalIn(ending: Ending | null, who: Who): Error | null {
  if (ending?.kind === 'fatal') return ending.error ?? new TypeError(ending.reason);
  return ending?.kind === 'lost' && ending.error !== null ? fatalOf(ending.error, who) : null;
}

/** What ends the consumer; null: the group is joined again. */
export function fatalOf(error: Error, who: Who): Error | null {
  if (isBrokerError(error, 'FENCED_INSTANCE_ID')) return fenced(error, who);
  return isOutOfGeneration(error) || isRetriable(error) ? null : error;
}

/** Another member has our static id. */
export function fenced(cause: Error, { groupId, memberId, groupInstanceId }: Who): FencedError {
  const message =
    groupInstanceId === null
      ? `group ${groupId}: the broker says that another consumer has the place of this one`
      : `group ${groupId}: another consumer took over groupInstanceId ${groupInstanceId}; give each its own`;
  return new FencedError(message, { memberId }, { cause });
}
