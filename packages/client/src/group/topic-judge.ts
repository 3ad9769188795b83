/*
 * What the snapshots of the cluster, one after the other, say of the chosen topics.
 *
 *   present --unknown to a broker--> suspected --unknown to all that are asked in the next five seconds--> gone
 *      ^                                 | any other answer
 *      '---------------------------------'
 *   denied: left out, and told once; it comes back by itself with an answer that shows it
 *   an error that passes: as before
 */
import { Errors } from '@hopwire/protocol';
import { LONGEST_BEHIND_MS, type MetadataSnapshot, type TopicMetadata } from '../cluster/metadata.ts';
import { brokerError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import { clock } from '../util/clock.ts';
import { FirstLook } from './first-look.ts';
import { type ChosenTopics, isOther, NO_TOPICS, type Standing, standingOf, type TopicChoice } from './topic-choice.ts';

/** A topic is not there when two looks so far apart say so: a single broker may be behind. */
export const SECOND_LOOK_MS = 1_000;
/** One that was there is gone when all looks say so for so long: brokers may be behind for some seconds. */
export const GONE_MS: number = LONGEST_BEHIND_MS;
/** Timers may fire a little early. */
const SLACK_MS = 20;

export interface TopicPolicy {
  /** A named topic that does not exist: is it waited for, or fatal? */
  readonly onMissing: 'wait' | 'throw';
  /** Is a name that can be no topic just never found, instead of being fatal? */
  readonly isLenient: boolean;
  /** Told once of each topic that we may not read (any more). */
  onDenied(error: Error): void;
}

interface Found extends ChosenTopics {
  readonly counts: Map<string, number>;
  readonly ids: Map<string, string>;
  readonly missing: string[];
  readonly denied: string[];
}

/** A topic that is unknown to a broker, and not confirmed to be gone. */
interface Suspicion {
  readonly since: number;
  readonly lookedAt: number;
}

interface About {
  readonly topic: TopicMetadata | undefined;
  readonly before: ChosenTopics;
  readonly now: Found;
  readonly isFresh: boolean;
}

export class TopicJudge {
  readonly #choice: TopicChoice;
  readonly #policy: TopicPolicy;
  readonly #firstLook = new FirstLook();
  readonly #suspects = new Map<string, Suspicion>();
  readonly #told = new Set<string>();
  #found: ChosenTopics | null = null;

  constructor(choice: TopicChoice, policy: TopicPolicy) {
    this.#choice = choice;
    this.#policy = policy;
  }

  /** null: nothing was judged yet. The same object as long as nothing changes. */
  get found(): ChosenTopics | null {
    return this.#found;
  }

  /** To be asked for again. */
  get suspects(): Iterable<string> {
    return this.#suspects.keys();
  }

  /** When the next suspicion is to be looked at again; Infinity: there is none. */
  get nextLookAt(): number {
    let at = Infinity;
    for (const { lookedAt } of this.#suspects.values()) at = Math.min(at, lookedAt + SECOND_LOOK_MS);
    return at;
  }

  /** Not there when this member first looked? */
  isNew(where: TopicPartition): boolean {
    return this.#firstLook.isNew(where);
  }

  /**
   * @param asked topics that were asked for just now, so that what the snapshot says of them is fresh
   * @throws {BrokerError} for a topic that ends everything: its name cannot be, or it is gone and `onMissing` is 'throw'
   */
  judge(snapshot: MetadataSnapshot, asked: ReadonlySet<string>): void {
    const before = this.#found ?? NO_TOPICS;
    const now: Found = { counts: new Map(), ids: new Map(), missing: [], denied: [] };
    for (const name of this.#choice.candidates(snapshot, before)) {
      const topic = snapshot.topics.get(name);
      const standing = standingOf(topic);
      if (this.#found === null) this.#firstLook.note(name, standing, topic);
      this.#place(name, standing, { topic, before, now, isFresh: asked.has(name) });
    }
    this.#firstLook.update(now);
    if (this.#found === null || !isSame(before, now)) this.#found = now;
  }

  #place(name: string, standing: Standing, about: About): void {
    const { topic, before, now } = about;
    if (standing !== 'unknown' && topic !== undefined) this.#suspects.delete(name);
    if (standing === 'denied') return this.#deny(name, now);
    this.#told.delete(name);
    if (standing === 'present' && topic) return keep(name, topic.partitions.size, topic.topicId, before, now);
    if (standing === 'invalid') return this.#refuse(name, Errors.INVALID_TOPIC_EXCEPTION, this.#policy.isLenient);
    if (this.#isGone(name, standing, about)) return this.#lose(name, now);
    const count = before.counts.get(name);
    if (count !== undefined) keep(name, count, before.ids.get(name), before, now);
    else if (this.#choice.isNamed(name)) now.missing.push(name);
  }

  #deny(name: string, now: Found): void {
    now.denied.push(name);
    if (this.#told.has(name)) return;
    this.#told.add(name);
    this.#policy.onDenied(brokerError(Errors.TOPIC_AUTHORIZATION_FAILED, 'Metadata', { topic: name }));
  }

  #refuse(name: string, code: number, isForgiven: boolean): void {
    if (!isForgiven) throw brokerError(code, 'Metadata', { topic: name });
  }

  /** Confirmed by an answer that was asked for, long enough after the suspicion? What is waited for anyway needs no proof. */
  #isGone(name: string, standing: Standing, { topic, before, isFresh }: About): boolean {
    const wasThere = before.counts.has(name);
    const isDoubtful = standing === 'unknown' || (topic === undefined && wasThere);
    if (!isDoubtful || (!wasThere && this.#policy.onMissing === 'wait')) return false;
    const now = clock.now();
    const { since, lookedAt } = this.#suspects.get(name) ?? { since: now, lookedAt: now };
    const isLook = isFresh && now - lookedAt >= SECOND_LOOK_MS - SLACK_MS;
    if (isLook && standing === 'unknown' && now - since >= (wasThere ? GONE_MS : SECOND_LOOK_MS) - SLACK_MS)
      return true;
    const isClear = isLook && standing !== 'unknown';
    this.#suspects.set(name, { since: isClear ? now : since, lookedAt: isLook ? now : lookedAt });
    return false;
  }

  #lose(name: string, now: Found): void {
    this.#suspects.delete(name);
    this.#firstLook.forget(name);
    if (!this.#choice.isNamed(name)) return;
    now.missing.push(name);
    this.#refuse(name, Errors.UNKNOWN_TOPIC_OR_PARTITION, this.#policy.onMissing === 'wait');
  }
}

/** Topics never shrink: a lower count comes from a broker that is behind, unless it is another topic now. */
function keep(name: string, count: number, id: string | undefined, before: ChosenTopics, now: Found): void {
  const known = isOther(before.ids.get(name), id) ? 0 : (before.counts.get(name) ?? 0);
  now.counts.set(name, Math.max(known, count));
  if (id !== undefined) now.ids.set(name, id);
}

function isSame(a: ChosenTopics, b: ChosenTopics): boolean {
  return (
    a.counts.size === b.counts.size &&
    [...a.counts].every(([name, count]) => b.counts.get(name) === count && a.ids.get(name) === b.ids.get(name)) &&
    a.missing.join() === b.missing.join() &&
    a.denied.join() === b.denied.join()
  );
}
