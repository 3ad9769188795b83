// Which topics are read: names and patterns, and what a snapshot of the cluster says of them.
import { Errors, ZERO_UUID } from '@hopwire/protocol';
import type { MetadataSnapshot, TopicMetadata } from '../cluster/metadata.ts';

/** What looks at the cluster found of the chosen topics. */
export interface ChosenTopics {
  /** Partition count of each topic that exists. */
  readonly counts: ReadonlyMap<string, number>;
  /** Topic id of each topic that exists and has one. */
  readonly ids: ReadonlyMap<string, string>;
  /** Asked for by name, and not there (yet). */
  readonly missing: readonly string[];
  /** Those that we may not read now. */
  readonly denied: readonly string[];
}

export const NO_TOPICS: ChosenTopics = { counts: new Map(), ids: new Map(), missing: [], denied: [] };

/** Names and patterns. */
export class TopicChoice {
  readonly names: readonly string[];
  readonly #named: ReadonlySet<string>;
  readonly #patterns: readonly RegExp[];
  /** Whether a pattern takes a name does not change: thousands of topics are matched once, not with each snapshot. */
  #matches = new Map<string, boolean>();

  constructor(topics: readonly (string | RegExp)[]) {
    this.#named = new Set(topics.filter((topic) => typeof topic === 'string'));
    this.names = [...this.#named];
    this.#patterns = topics.filter((topic) => topic instanceof RegExp);
  }

  get hasPatterns(): boolean {
    return this.#patterns.length > 0;
  }

  isNamed(topic: string): boolean {
    return this.#named.has(topic);
  }

  /** The names, what the patterns find in the snapshot, and what they found before (it may be gone). */
  candidates({ topics }: MetadataSnapshot, before: ChosenTopics): Set<string> {
    const found = new Set(this.names);
    if (!this.hasPatterns) return found;
    for (const name of before.counts.keys()) found.add(name);
    if (this.#matches.size > 2 * topics.size + 1_000) this.#matches = new Map();
    for (const { name, errorCode, isInternal } of topics.values()) {
      if (errorCode === 0 && !isInternal && this.#isMatch(name)) found.add(name);
    }
    return found;
  }

  #isMatch(name: string): boolean {
    const known = this.#matches.get(name);
    if (known !== undefined) return known;
    // search() ignores lastIndex, which a pattern with the flag g would carry from name to name.
    const isMatch = this.#patterns.some((pattern) => name.search(pattern) >= 0);
    this.#matches.set(name, isMatch);
    return isMatch;
  }
}

/**
 * What a snapshot says of one topic. `unknown`: there is none, according to the broker that was asked; `unclear`: an
 * error that passes, or nothing at all.
 */
export type Standing = 'present' | 'unknown' | 'unclear' | 'denied' | 'invalid';

export function standingOf(topic: TopicMetadata | undefined): Standing {
  switch (topic?.errorCode) {
    case undefined:
      return 'unclear';
    case Errors.TOPIC_AUTHORIZATION_FAILED:
      return 'denied';
    case Errors.INVALID_TOPIC_EXCEPTION:
      return 'invalid';
    case Errors.UNKNOWN_TOPIC_OR_PARTITION:
    case Errors.UNKNOWN_TOPIC_ID:
      return 'unknown';
    default:
      return topic !== undefined && topic.partitions.size > 0 ? 'present' : 'unclear';
  }
}

/** Which topics were found, lost, grown or made anew. */
export function changedTopics(a: ChosenTopics, b: ChosenTopics): string[] {
  const names = new Set([...a.counts.keys(), ...b.counts.keys()]);
  return [...names].filter(
    (name) => a.counts.get(name) !== b.counts.get(name) || isOther(a.ids.get(name), b.ids.get(name)),
  );
}

/** Which names came or went: those that are there, and those that are waited for. */
export function changedNames(a: ChosenTopics, b: ChosenTopics): string[] {
  const [before, after] = [a, b].map(namesOf);
  if (!before || !after) return [];
  return [...new Set([...before, ...after])].filter((name) => before.has(name) !== after.has(name));
}

/** Two different ids: the topic was deleted and made anew. Without ids nobody can tell. */
export function isOther(a: string | undefined, b: string | undefined): boolean {
  return hasId(a) && hasId(b) && a !== b;
}

/** Before Kafka 2.8 topics have none. */
export function hasId(id: string | undefined): boolean {
  return id !== undefined && id !== ZERO_UUID;
}

/** Those that are subscribed to, whether they are there or not. */
export function namesOf({ counts, missing }: ChosenTopics): Set<string> {
  return new Set([...counts.keys(), ...missing]);
}
