// While a simulation runs, Node's own timers, clocks and sources of chance are forbidden: whoever asks them has escaped
// the seam, and the next run would differ.
import type * as crypto from 'node:crypto';
import { createRequire, syncBuiltinESMExports } from 'node:module';

// The CommonJS objects may be changed; `syncBuiltinESMExports` then changes what modules have imported by name.
const require = createRequire(import.meta.url);

/** Told the name of what was called. */
export type OnEscape = (name: string, stack: string) => void;

interface Forbidden {
  readonly holder: Record<string, unknown>;
  readonly name: string;
  readonly real: unknown;
  readonly label: string;
}

const GLOBALS = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'];
const CRYPTO = ['randomBytes', 'randomUUID', 'randomInt', 'randomFillSync'];

/** Watches for escapes from now on. Only what runs while `isWatching` is true counts. */
export class Escapes {
  isWatching = false;
  readonly #forbidden: readonly Forbidden[] = forbidden();
  readonly #onEscape: OnEscape;

  constructor(onEscape: OnEscape) {
    this.#onEscape = onEscape;
    for (const one of this.#forbidden) one.holder[one.name] = this.#guarded(one);
    syncBuiltinESMExports();
  }

  /** Everything is as it was. */
  end(): void {
    for (const { holder, name, real } of this.#forbidden) holder[name] = real;
    syncBuiltinESMExports();
  }

  #guarded({ label, real }: Forbidden): unknown {
    if (typeof real !== 'function') throw new TypeError(`${label} is no function`);
    const told = (): void => {
      if (this.isWatching) this.#onEscape(label, new Error(label).stack ?? '');
    };
    return new Proxy(real, {
      apply: (target, self, args) => {
        told();
        return Reflect.apply(target, self, args);
      },
      construct: (target, args, newTarget) => {
        if (args.length === 0) told();
        return Reflect.construct(target, args, newTarget);
      },
    });
  }
}

function forbidden(): Forbidden[] {
  const of = (holder: object, names: readonly string[], prefix: string): Forbidden[] =>
    names.map((name) => {
      const record = holder as Record<string, unknown>;
      return { holder: record, name, real: record[name], label: `${prefix}${name}` };
    });
  return [
    ...of(globalThis, [...GLOBALS, 'Date'], ''),
    ...of(Date, ['now'], 'Date.'),
    ...of(performance, ['now'], 'performance.'),
    ...of(Math, ['random'], 'Math.'),
    ...of(AbortSignal, ['timeout'], 'AbortSignal.'),
    ...of(Object.getPrototypeOf(globalThis.crypto), ['getRandomValues', 'randomUUID'], 'crypto.'),
    ...of(require('node:crypto') as typeof crypto, CRYPTO, 'crypto.'),
    ...of(require('node:timers') as object, GLOBALS, 'timers.'),
    ...of(require('node:timers/promises') as object, ['setTimeout', 'setImmediate', 'setInterval'], 'timers/promises.'),
  ];
}
