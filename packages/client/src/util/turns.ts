// Calls that take their turn.

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** The work begins when all that was given before has ended, well or badly. */
  take(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
