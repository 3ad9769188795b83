// Who works on a record of which partition of a group at this moment: never two.
import type { Violate } from './violation.ts';

/** A third of the longest session: so long a silent broker is waited for. */
const HEARTBEAT_MS = 4_000;

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
  #wakesAt = 0;

  constructor(violate: Violate) {
    this.#violate = violate;
  }

  /** The coordinator gave a member up for no reason: it cannot know before it hears of it. */
  excuse(group: string, untilMs: number): void {
    this.#excusedUntil.set(group, untilMs);
  }

  /** The process of the clients stands still until then: what happened meanwhile takes a heartbeat to be known. */
  stopped(untilMs: number): void {
    this.#wakesAt = Math.max(this.#wakesAt, untilMs);
  }

  /** @returns ends it */
  enter(group: string, topic: string, partition: number, body: Body): () => void {
    const key = `${group} ${topic}[${partition}]`;
    const bodies = this.#bodies.get(key) ?? [];
    this.#bodies.set(key, bodies);
    const other = bodies.find(({ owner, signal }) => owner !== body.owner && !signal.aborted);
    const isExcused = body.sinceMs <= (this.#excusedUntil.get(group) ?? 0);
    if (other && !isExcused && !this.#hasJustWoken(other, body.sinceMs)) {
      const since = `since ${(other.sinceMs / 1000).toFixed(3)} s`;
      const both = `${body.owner} begins ${body.offset}, while ${other.owner} works on ${other.offset} ${since}`;
      this.#violate('one owner', `${key}: ${both} and was not told to stop`);
    }
    bodies.push(body);
    return () => {
      bodies.splice(bodies.indexOf(body), 1);
    };
  }

  /** A body that was at work when its process was stopped cannot be told before that runs again and a broker answers. */
  #hasJustWoken({ sinceMs }: Body, nowMs: number): boolean {
    return sinceMs < this.#wakesAt && nowMs < this.#wakesAt + HEARTBEAT_MS;
  }
}
