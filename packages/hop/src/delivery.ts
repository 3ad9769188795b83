// A promise that knows whether anybody looks at it, so that a failure nobody awaits can be reported later instead of
// ending the process as an unhandled rejection.

/** The outcome of one write. */
export class Delivery<T> extends Promise<T> {
  // Promises made by `then` are plain ones.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #isSeen = false;
  #error: unknown;

  static of<T>(outcome: Promise<T>): Delivery<T> {
    return new Delivery<T>((resolve, reject) => {
      outcome.then(resolve, reject);
    });
  }

  /** Has somebody awaited it, or attached a handler? */
  get isSeen(): boolean {
    return this.#isSeen;
  }

  get error(): unknown {
    return this.#error;
  }

  /** `await` comes here too: a subclass of Promise is not awaited by the short path. */
  // biome-ignore lint/suspicious/noThenProperty: it is a promise; this sees who looks at it
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#isSeen = true;
    return super.then(onFulfilled, onRejected);
  }

  /** Follows the outcome without counting as somebody who looks. */
  watch(onDelivered: (value: T) => void, onFailed: (error: unknown) => void): void {
    super.then(onDelivered, (error: unknown) => {
      this.#error = error;
      onFailed(error);
    });
  }

  /** Resolves when there is an outcome, whichever. */
  settled(): Promise<void> {
    const done = (): void => undefined;
    return super.then(done, done);
  }
}
