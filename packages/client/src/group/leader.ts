// What the leader of a classic group does: reads the subscriptions of all, sees to it that it knows their topics, assigns,
// writes the assignments. Work is linear in what the members sent; whoever sends nonsense gets nothing.
import {
  decodeSubscription,
  Errors,
  encodeAssignment,
  encodeSubscription,
  JoinGroup,
  type JoinGroupRequest,
  type JoinGroupResponse,
} from '@hopwire/protocol';
import { asError, brokerError, ClosedError, TimeoutError } from '../errors.ts';
import type { Logger } from '../events.ts';
import type { TopicPartition } from '../types.ts';
import { waitFor } from '../util/timers.ts';
import type { Assignor, GroupMember } from './assignors/assignor.ts';
import { type ChosenTopics, NO_TOPICS } from './topic-choice.ts';
import { type TopicSource, TopicWatch } from './topic-watch.ts';

/** The whole group waits while the leader asks again for a topic that it cannot see. */
const FOREIGN_LOOK_MS = 500;
/** Between two looks for topics that only others read, and nobody has seen. */
const FOREIGN_POLL_MS = 5_000;

export type Assignments = { memberId: string; assignment: Buffer }[];

/** Eager: nothing is owned while joining. */
export function protocolsOf(
  assignors: readonly Assignor[],
  topics: readonly string[],
  version: number,
): JoinGroupRequest['protocols'] {
  const subscription = { topics: [...topics], userData: null, ownedPartitions: [], generationId: -1, rackId: null };
  const metadata = encodeSubscription({ version, ...subscription });
  return assignors.map(({ name }) => ({ name, metadata }));
}

/** The members as the leader sees them. A subscription that cannot be read is empty. */
export function membersOf({ members }: JoinGroupResponse, logger: Logger): GroupMember[] {
  return members.map(({ memberId, groupInstanceId, metadata }) => {
    try {
      return { memberId, groupInstanceId, subscription: decodeSubscription(metadata) };
    } catch (error) {
      const said = asError(error).message;
      logger.warn(`member ${memberId} gets no partitions: its subscription cannot be read`, { error: said });
      return { memberId, groupInstanceId, subscription: EMPTY };
    }
  });
}

const EMPTY = { version: 0, topics: [], userData: null, ownedPartitions: [], generationId: -1, rackId: null };

/** @throws {BrokerError} when the group chose an assignor that is not among ours */
export function assign(
  joined: JoinGroupResponse,
  members: readonly GroupMember[],
  assignors: readonly Assignor[],
  known: readonly ChosenTopics[],
): Assignments {
  const assignor = assignors.find(({ name }) => name === joined.protocolName);
  if (!assignor) {
    const message = `the group chose the assignor '${joined.protocolName}', which is not among ours`;
    throw brokerError(Errors.INCONSISTENT_GROUP_PROTOCOL, JoinGroup.name, { message });
  }
  const counts = new Map(known.flatMap((topics) => [...topics.counts]));
  const assignment = assignor.assign(members, counts);
  return [...assignment].map(([memberId, partitions]) => ({ memberId, assignment: bytesOf(partitions) }));
}

function bytesOf(partitions: readonly TopicPartition[]): Buffer {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const list = byTopic.get(topic);
    if (list) list.push(partition);
    else byTopic.set(topic, [partition]);
  }
  const assignedPartitions = [...byTopic].map(([topic, list]) => ({ topic, partitions: list }));
  return encodeAssignment({ version: 0, assignedPartitions, userData: null });
}

/**
 * The topics that only other members read. The leader assigns them too, so it looks at them, and keeps looking: when one
 * appears or grows, the group has to be joined again.
 */
export class ForeignTopics {
  readonly #source: TopicSource;
  readonly #limitMs: number;
  readonly #onChange: () => void;
  #watch: TopicWatch | null = null;
  #names: ReadonlySet<string> = new Set();

  /** @param limitMs the longest that the group may be kept waiting */
  constructor(source: TopicSource, limitMs: number, onChange: () => void) {
    this.#source = source;
    this.#limitMs = limitMs;
    this.#onChange = onChange;
  }

  get found(): ChosenTopics {
    return this.#watch?.found ?? NO_TOPICS;
  }

  /**
   * What there is of them. A topic that cannot be seen is asked for again for a moment, because the broker asked may be
   * behind; of what is still missing then `onChange` tells when it appears.
   */
  async look(members: readonly GroupMember[], own: ChosenTopics, signal: AbortSignal): Promise<ChosenTopics> {
    const names = namesOf(members, own);
    if (this.#watch !== null && this.#watch.failure === null && isSameSet(names, this.#names)) return this.found;
    this.close();
    if (names.size === 0) return NO_TOPICS;
    this.#names = names;
    this.#watch = this.#watchOf(names);
    await seen(this.#watch, Math.min(FOREIGN_LOOK_MS, this.#limitMs), signal);
    return this.found;
  }

  /** We do not lead any more, or are closing. */
  close(): void {
    this.#watch?.close(new ClosedError('the watch of a leader'));
    this.#watch = null;
    this.#names = new Set();
  }

  #watchOf(names: ReadonlySet<string>): TopicWatch {
    return new TopicWatch(this.#source, {
      topics: [...names],
      onMissing: 'wait',
      isLenient: true,
      missingPollMs: FOREIGN_POLL_MS,
      onDenied: ({ message }) =>
        this.#source.options.logger.warn('a topic that other members read is assigned to nobody', { error: message }),
      onChange: () => this.#onChange(),
    });
  }
}

/** Until everything is found, or for so long. What cannot be found, or asked for, is no failure of the leader's. */
async function seen(watch: TopicWatch, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const looked = watch.look(signal).then(() => watch.until(({ missing }) => missing.length === 0, signal));
  const late = (): Error => new TimeoutError('topics of other members', timeoutMs);
  await waitFor(looked, { signal, timeoutMs }, late).catch(() => signal.throwIfAborted());
}

function namesOf(members: readonly GroupMember[], own: ChosenTopics): Set<string> {
  const names = new Set<string>();
  for (const { subscription } of members) for (const topic of subscription.topics) names.add(topic);
  for (const topic of own.counts.keys()) names.delete(topic);
  for (const topic of own.missing) names.delete(topic);
  names.delete('');
  return names;
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name));
}
