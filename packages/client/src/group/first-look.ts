// What there was when a member first looked. What appears later is read from its beginning: nothing that was written
// before it was noticed is left out.
import { Errors } from '@hopwire/protocol';
import type { TopicMetadata } from '../cluster/metadata.ts';
import type { TopicPartition } from '../types.ts';
import { type ChosenTopics, hasId, isOther, NO_TOPICS, type Standing } from './topic-choice.ts';

interface Seen {
  /** Infinity: it was there, but it was not said with how many. */
  count: number;
  id: string | undefined;
}

export class FirstLook {
  readonly #seen = new Map<string, Seen>();
  #latest: ChosenTopics = NO_TOPICS;

  /** Called for each topic of the first look. */
  note(name: string, standing: Standing, topic: TopicMetadata | undefined): void {
    if (standing === 'unknown' || standing === 'invalid') return;
    // It is being made at this moment.
    if (topic?.errorCode === Errors.LEADER_NOT_AVAILABLE && standing !== 'present') return;
    const isPresent = standing === 'present' && topic !== undefined;
    this.#seen.set(name, {
      count: isPresent ? topic.partitions.size : Infinity,
      id: isPresent ? topic.topicId : undefined,
    });
  }

  /** What was found by now: completes what the first look could not see of topics that were there. */
  update(found: ChosenTopics): void {
    this.#latest = found;
    for (const [name, seen] of this.#seen) {
      const count = found.counts.get(name);
      if (count === undefined || seen.count !== Infinity) continue;
      this.#seen.set(name, { count, id: found.ids.get(name) });
    }
  }

  /** Gone for sure, as far as brokers know: what comes back under this name is another topic, unless it has the same id. */
  forget(name: string): void {
    if (!hasId(this.#seen.get(name)?.id)) this.#seen.delete(name);
  }

  /** Was it not there yet? */
  isNew({ topic, partition }: TopicPartition): boolean {
    const seen = this.#seen.get(topic);
    if (seen === undefined || isOther(seen.id, this.#latest.ids.get(topic))) return true;
    return partition >= seen.count;
  }
}
