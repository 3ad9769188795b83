// Who works on a record of which partition of a group at this moment: never two.
import type { Violate } from './violation.ts';

export interface Body {
  readonly owner: string;
  readonly offset: number;
  readonly sinceMs: number;
  /** Of the record: aborted when the partition is not ours any more. */
  readonly signal: AbortSignal;
}

export class Owners {
  readonly #violate: Violate;
  readonly #bodies = new Map<string, Body[]>();
  readonly #excusedUntil = new Map<string, number>();

  constructor(violate: Violate) {
    this.#violate = violate;
  }

  /** The coordinator gave a member up for no reason: it cannot know before it hears of it. */
  excuse(group: string, untilMs: number): void {
    this.#excusedUntil.set(group, untilMs);
  }

  /** @returns ends it */
  enter(group: string, topic: string, partition: number, body: Body): () => void {
    const key = `${group} ${topic}[${partition}]`;
    const bodies = this.#bodies.get(key) ?? [];
    this.#bodies.set(key, bodies);
    const other = bodies.find(({ owner, signal }) => owner !== body.owner && !signal.aborted);
    if (other && body.sinceMs > (this.#excusedUntil.get(group) ?? 0)) {
      const since = `since ${(other.sinceMs / 1000).toFixed(3)} s`;
      const both = `${body.owner} begins ${body.offset}, while ${other.owner} works on ${other.offset} ${since}`;
      this.#violate('one owner', `${key}: ${both} and was not told to stop`);
    }
    bodies.push(body);
    return () => {
      bodies.splice(bodies.indexOf(body), 1);
    };
  }
}
