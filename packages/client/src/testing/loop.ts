// Loops of tests: what they saw, and a way to wait for it without sleeping.
import type { Consumer } from '../consumer/consumer.ts';
import type { ConsumerRecord } from '../consumer-record.ts';
import type { Logger } from '../events.ts';

export const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A `for await` that runs beside the test. */
export class Loop {
  readonly texts: string[] = [];
  readonly records: ConsumerRecord[] = [];
  /** undefined: still running; null: ended */
  failure: Error | null | undefined = undefined;
  readonly ended: Promise<void>;
  #waiting: (() => void)[] = [];

  /** @param body awaited for each record, after it was noted */
  constructor(consumer: Consumer, body: (record: ConsumerRecord) => unknown = () => undefined) {
    this.ended = this.#run(consumer, body);
  }

  /** Until so many records were seen, or the loop ended. */
  async saw(count: number): Promise<string[]> {
    while (this.texts.length < count && this.failure === undefined) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.texts;
  }

  async #run(consumer: Consumer, body: (record: ConsumerRecord) => unknown): Promise<void> {
    try {
      for await (const record of consumer) {
        this.texts.push(record.text() ?? 'null');
        this.records.push(record);
        this.#wake();
        await body(record);
      }
      this.failure = null;
    } catch (error) {
      this.failure = error instanceof Error ? error : new TypeError(String(error));
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** A promise that the test resolves. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** How long it took, and how it ended. */
export async function timed<T>(work: Promise<T>): Promise<{ ms: number; value?: T; error?: unknown }> {
  const startedAt = performance.now();
  const ended = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  return { ms: performance.now() - startedAt, ...ended };
}
