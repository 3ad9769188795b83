// What user code may throw or hand back although nobody should.

function trap(): never {
  throw new RangeError('a trap');
}

const every = { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap };

/** Everything that throws when it is looked at, and everything that is no Error. */
export const thrown: readonly (readonly [what: string, value: unknown])[] = [
  ['an Error', new Error('plain')],
  ['undefined', undefined],
  ['null', null],
  ['a symbol', Symbol('s')],
  ['a frozen object', Object.freeze({})],
  ['an object without a prototype', Object.create(null)],
  ['a Proxy that throws', new Proxy({}, every)],
  ['a Proxy of an Error that throws', new Proxy(new Error('hidden'), every)],
  ['an Error whose message throws', Object.defineProperty(new Error('hidden'), 'message', { get: trap })],
  ['an Error whose message is a symbol', Object.assign(new Error('hidden'), { message: Symbol('m') })],
  [
    'an Error whose code throws',
    Object.defineProperty(Object.assign(new Error('x'), { retriable: true }), 'code', { get: trap }),
  ],
];

/** What nobody caught while a test ran. Node ends the process of a user for each of these. */
export class Uncaught implements Disposable {
  readonly #before = new Map<'uncaughtException' | 'unhandledRejection', NodeJS.UncaughtExceptionListener[]>();
  readonly #seen: unknown[] = [];

  constructor() {
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      this.#before.set(event, process.listeners(event as 'uncaughtException'));
      process.removeAllListeners(event).on(event as 'uncaughtException', (error) => void this.#seen.push(error));
    }
  }

  /** How many, after everything that is under way in this turn of the event loop. */
  async count(): Promise<number> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    return this.#seen.length;
  }

  [Symbol.dispose](): void {
    for (const [event, listeners] of this.#before) {
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event as 'uncaughtException', listener);
    }
  }
}
