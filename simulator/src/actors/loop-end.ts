// Which ends of a loop are in order.
import type { World } from '../world.ts';
import type { LoopEnd } from './consuming.ts';
import { messageOf, UserError } from './user-error.ts';

/** What is the user's to decide: the loop says so and ends. Everything else is the client's to get over. */
const FOR_THE_USER: ReadonlySet<unknown> = new Set(['OFFSET_OUT_OF_RANGE', 'LOG_TRUNCATION', 'UNDECODABLE', 'CLOSED']);

export function judgeLoopEnd(world: World, name: string, end: LoopEnd): void {
  if (typeof end === 'string' || end.error instanceof UserError) return;
  const code = end.error instanceof Error && 'code' in end.error ? end.error.code : undefined;
  if (FOR_THE_USER.has(code)) return;
  world.checker.violate('loops get over trouble', `${name}: the loop threw ${messageOf(end.error)}`);
}
