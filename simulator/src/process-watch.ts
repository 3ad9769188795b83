// What reaches the process itself: rejections nobody handles, exceptions nobody catches, warnings.
import type { Violate } from './checker/violation.ts';

export class ProcessWatch {
  readonly #ends: (() => void)[];

  constructor(violate: Violate) {
    this.#ends = [
      listening('unhandledRejection', (reason) => violate('no unhandled rejection', textOf(reason))),
      listening('uncaughtException', (error) => violate('no uncaught exception', textOf(error))),
      listening('warning', (warning) => violate('no warning', textOf(warning))),
    ];
  }

  end(): void {
    for (const end of this.#ends) end();
  }
}

function listening(name: string, listener: (what: unknown) => void): () => void {
  process.on(name, listener);
  return () => process.off(name, listener);
}

function textOf(what: unknown): string {
  return what instanceof Error ? (what.stack ?? what.message) : String(what);
}
