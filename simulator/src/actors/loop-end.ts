// Which ends of a loop are in order, and what a user does about them.
import type {
  ConsumerOptions,
  LogTruncationError,
  OffsetOutOfRangeError,
  PartitionStart,
  TopicRecreatedError,
} from '@hopwire/client';
import type { World } from '../world.ts';
import type { Consuming, LoopEnd } from './consuming.ts';
import type { SimClient } from './sim-client.ts';
import { HookError, messageOf, UserError } from './user-error.ts';

/** Where to go on is the user's to decide, if no policy says it. Everything else is the client's to get over. */
const FOR_THE_USER: ReadonlySet<unknown> = new Set(['OFFSET_OUT_OF_RANGE', 'LOG_TRUNCATION', 'TOPIC_RECREATED']);

const CANNOT_REACH: ReadonlySet<unknown> = new Set(['CONNECTION', 'TIMEOUT']);

export function judgeLoopEnd(
  world: World,
  client: SimClient,
  name: string,
  end: LoopEnd,
  options: ConsumerOptions,
): void {
  if (typeof end === 'string' || end.error instanceof UserError) return;
  if (!client.hasArrived && CANNOT_REACH.has(codeOf(end.error))) return;
  if (isTruncation(end.error)) world.checker.wasCut(end.error, end.error.position, name);
  if (FOR_THE_USER.has(codeOf(end.error)) && options.onOutOfRange === 'none') return;
  world.checker.violate('loops get over trouble', `${name}: the loop threw ${messageOf(end.error)}`);
}

/** May another loop over the same consumer follow? */
export function goesOn(end: LoopEnd): boolean {
  if (typeof end === 'string') return end === 'left';
  if (end.error instanceof HookError) return false;
  return end.error instanceof UserError || FOR_THE_USER.has(codeOf(end.error));
}

/** The user says where to go on, as the error asks him to. */
export async function decide(world: World, consuming: Consuming, group: string, end: LoopEnd): Promise<void> {
  if (typeof end === 'string') return;
  const { error } = end;
  // Retention may move the beginning of the new one.
  if (isRecreated(error)) consuming.track.begin(error, world.plan.troubles.has('retention') ? null : 0);
  const start = startAfter(error);
  if (!start) return;
  const { topic, partition, offset } = start;
  const history = world.checker.histories.all(topic, partition).at(-1);
  const to = typeof offset === 'bigint' ? Number(offset) : 0;
  if (history) world.checker.groups.userMoves(group, history, 0, to);
  consuming.track.begin(start, typeof offset === 'bigint' ? to : null);
  world.trace.say(`${consuming.track.name} seeks ${topic}[${partition}] to ${offset}`);
  const seek = () => consuming.consumer.seek(start, { timeoutMs: 5_000 });
  await world.checker.calls.watch(`${consuming.track.name}.seek`, { withinMs: 5_000 }, seek);
}

/** Reading goes on at the beginning without being told to. */
function isRecreated(error: unknown): error is TopicRecreatedError {
  return codeOf(error) === 'TOPIC_RECREATED';
}

function isTruncation(error: unknown): error is LogTruncationError {
  return codeOf(error) === 'LOG_TRUNCATION';
}

function startAfter(error: unknown): PartitionStart | null {
  if (isTruncation(error)) {
    const { topic, partition, divergingOffset } = error;
    return { topic, partition, offset: divergingOffset };
  }
  if (codeOf(error) !== 'OFFSET_OUT_OF_RANGE') return null;
  const { topic, partition } = error as OffsetOutOfRangeError;
  return { topic, partition, offset: 'earliest' };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
