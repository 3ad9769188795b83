// Did this process get its time? On a busy machine it stands still now and then, and then everything is late.

const TICK_MS = 5;

export class Stalls {
  #worst = 0;
  #last: number = performance.now();
  readonly #ticker = setInterval(() => this.#tick(), TICK_MS);

  /** The longest time in which no timer could fire, since this was made. Ends the watch. */
  end(): number {
    clearInterval(this.#ticker);
    this.#tick();
    return this.#worst;
  }

  #tick(): void {
    const now = performance.now();
    this.#worst = Math.max(this.#worst, now - this.#last - TICK_MS);
    this.#last = now;
  }
}
