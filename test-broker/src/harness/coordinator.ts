// When a broker has said that it started, its group coordinator may still be making its topic: whoever asks then is told
// to ask again, and not every client does (Python's hop-client ends with NOT_COORDINATOR).
import { setTimeout as delay } from 'node:timers/promises';
import { Errors, FindCoordinator, OffsetFetch } from '@hopwire/protocol';
import { Conversation } from './conversation.ts';
import { TargetError } from './target.ts';

const GROUP = 'is-the-coordinator-there';
const PAUSE_MS = 25;

const NOT_YET: ReadonlySet<number> = new Set([
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NOT_COORDINATOR,
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
]);

/**
 * Resolves when groups can be used.
 *
 * @param address `host:port` of a plaintext listener
 * @throws {TargetError} when `deadlineMs` have passed before that
 */
export async function coordinatorAnswers(address: string, deadlineMs = 30_000): Promise<void> {
  const end = Date.now() + deadlineMs;
  const obstacles = new Set<string>();
  for (;;) {
    const obstacle = await obstacleAt(address, Math.max(1, end - Date.now()));
    if (!obstacle) return;
    obstacles.add(obstacle);
    if (Date.now() + PAUSE_MS >= end) {
      const met = [...obstacles].join('; ');
      throw new TargetError(`the group coordinator of ${address} was not there after ${deadlineMs} ms: ${met}`);
    }
    await delay(PAUSE_MS);
  }
}

/** Why groups cannot be used now; null when they can. */
async function obstacleAt(address: string, timeoutMs: number): Promise<string | null> {
  await using conversation = Conversation.open(address, timeoutMs);
  try {
    const [coordinator] = (await conversation.ask(FindCoordinator, 4, findGroup)).body.coordinators;
    if (NOT_YET.has(coordinator?.errorCode ?? 0)) return `FindCoordinator says ${coordinator?.errorCode}`;
    // In a cluster it may be another broker.
    await using there = Conversation.open(`${coordinator?.host}:${coordinator?.port}`, timeoutMs);
    const [group] = (await there.ask(OffsetFetch, 8, fetchNothing)).body.groups;
    return NOT_YET.has(group?.errorCode ?? 0) ? `OffsetFetch says ${group?.errorCode}` : null;
  } catch (error) {
    if (error instanceof TargetError) return error.message;
    throw error;
  }
}

const findGroup = { coordinatorKeys: [GROUP], keyType: 0 };
const fetchNothing = {
  groups: [{ groupId: GROUP, memberId: null, memberEpoch: -1, topics: null }],
  requireStable: false,
};
