// A `for await` over a consumer, whose body can be held up.
import type { Consumer } from '@hopwire/client';

export class Loop {
  readonly ended: Promise<void>;
  /** Records whose body has begun. */
  begun = 0;
  isInBody = false;
  #held: { readonly opened: Promise<void>; open(): void } | null = null;

  constructor(consumer: Consumer) {
    this.ended = this.#run(consumer);
    // Whoever wants to know how it ended asks for it.
    this.ended.catch(() => undefined);
  }

  /** From the next record on the body does not end. */
  hold(): void {
    let open = (): void => undefined;
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#held = { opened, open };
  }

  release(): void {
    this.#held?.open();
    this.#held = null;
  }

  async #run(consumer: Consumer): Promise<void> {
    for await (const _ of consumer) {
      this.begun++;
      this.isInBody = true;
      await this.#held?.opened;
      this.isInBody = false;
    }
  }
}
