// How many scenes at a time: as many as this machine can bear now.

/** A process that was not let run for longer in all cannot tell what was late. */
export const PAUSED_MS = 40;
/** Below this the figures would come too slowly. */
const LEAST = 8;
/** In one scene; what is lost in its course is taken off. */
const MUCH_MS = 100;
const SHRINK = 0.8;
const GROW = 0.1;
/** Scenes that run side by side see the same pauses: they count once. */
const REST_MS = 400;

export class Width {
  readonly #most: number;
  #width: number;
  #shrunkAt = -Infinity;

  constructor(most: number) {
    this.#most = most;
    this.#width = most;
  }

  /** @param index from 0 */
  allows(index: number): boolean {
    return index < Math.floor(this.#width);
  }

  /** @param pausedMs for how long the process was not let run during a scene */
  note(pausedMs: number): void {
    if (pausedMs <= MUCH_MS) this.#width = Math.min(this.#most, this.#width + GROW);
    else if (performance.now() - this.#shrunkAt > REST_MS) this.#shrink();
  }

  #shrink(): void {
    this.#shrunkAt = performance.now();
    this.#width = Math.min(this.#most, Math.max(LEAST, this.#width * SHRINK));
  }
}
