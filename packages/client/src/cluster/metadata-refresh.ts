// Asks for metadata: one request at a time, for all topics in use, not too often, of whichever broker answers.
//
//   caller --covered by a request that began after the call?--> joins it
//          --else--> waits for its end, begins another
import { Errors, type MetadataResponse } from '@hopwire/protocol';
import { asError, isBrokerError } from '../errors.ts';
import { clock } from '../util/clock.ts';
import { sleep } from '../util/timers.ts';

/** The same topics are not asked for more often than this. */
const PAUSE_MS = 100;
/** Whoever refuses to answer, or contradicts itself for ever, is asked less and less often, down to this. */
const FRUITLESS_PAUSE_MS = 1_000;
/** Brokers that do not agree yet are common after a topic was made anew: so much of it comes without longer pauses. */
const FREE_CONTEST = 6;
/** What one round of looks adds to it; one that all agree in takes one off. */
const CONTESTED = 2;
const MOST_CONTEST = FREE_CONTEST + 3;
/** How often in a row a cluster may say REBOOTSTRAP_REQUIRED within one request. */
const MOST_REBOOTSTRAPS = 2;
/** How often brokers are asked in turn when one says that a topic is another one by now. */
const MOST_LOOKS = 4;

export interface RefreshContext {
  /** @param topics null: all */
  ask(topics: readonly string[] | null, wish: Wish): Promise<MetadataResponse>;
  /** What is known of the cluster is not to be trusted any more (KIP-1102). */
  rebootstrap(): void;
  /** @returns whether a broker that is behind may have said it, so that another one has to be asked, too */
  apply(response: MetadataResponse, topics: readonly string[] | null): boolean;
  /** Was this topic ever asked for? */
  isKnown(topic: string): boolean;
  report(startedAt: number, error?: Error): void;
  readonly closing: AbortSignal;
}

/** What a caller wants. */
export interface Wish {
  /** null: all. Asked for when the request is made. */
  topics(): string[] | null;
  /** An answer to a request that began before this moment does not count; -Infinity: any request will do. */
  readonly since: number;
  /** May asking create a topic? */
  readonly mayCreate: boolean;
  /** Something waits for news: a broker that was asked just now and had none is not asked first again. */
  readonly seeksNews: boolean;
}

interface Flight {
  /** null: all */
  readonly topics: ReadonlySet<string> | null;
  readonly mayCreate: boolean;
  readonly startedAt: number;
  readonly done: Promise<void>;
}

export class MetadataRefresh {
  readonly #context: RefreshContext;
  #flight: Flight | null = null;
  #lastAskedAt = -Infinity;
  /** Refusals in a row, or how much brokers contradict each other beyond what is common. */
  #fruitless = 0;
  #contest = 0;
  #refusal: Error | null = null;

  constructor(context: RefreshContext) {
    this.#context = context;
  }

  /** What the cluster said last instead of an answer; null: it answers. */
  get refusal(): Error | null {
    return this.#refusal;
  }

  /** One attempt, perhaps shared with others. */
  async run(wish: Wish): Promise<void> {
    for (;;) {
      this.#context.closing.throwIfAborted();
      const asked = wish.topics();
      const flight = this.#flight;
      if (!flight) return this.#begin(asked, wish);
      if (fulfils(flight, wish, asked)) return flight.done;
      // Its failure is told to its own callers; here only its end counts.
      await flight.done.then(nothing, nothing);
    }
  }

  #begin(asked: string[] | null, wish: Wish): Promise<void> {
    const done = this.#ask(asked, wish).finally(() => {
      this.#flight = null;
    });
    this.#flight = { topics: asked && new Set(asked), mayCreate: wish.mayCreate, startedAt: clock.now(), done };
    return done;
  }

  async #ask(asked: readonly string[] | null, wish: Wish): Promise<void> {
    await this.#notTooOften(asked);
    const startedAt = clock.now();
    this.#lastAskedAt = startedAt;
    try {
      const isContested = await this.#look(asked, wish);
      for (let looks = 1, again = isContested; again && looks < MOST_LOOKS; looks++) {
        again = await this.#look(asked, { ...wish, seeksNews: true });
      }
      this.#refusal = null;
      this.#contest = Math.max(0, Math.min(MOST_CONTEST, this.#contest + (isContested ? CONTESTED : -1)));
      this.#fruitless = Math.max(0, this.#contest - FREE_CONTEST);
      this.#context.report(startedAt);
    } catch (error) {
      if (isBrokerError(error)) this.#refused(error);
      this.#context.report(startedAt, asError(error));
      throw error;
    }
  }

  /** Not what becomes of a broken connection: that has pauses of its own. */
  #refused(error: Error): void {
    this.#fruitless++;
    this.#refusal = error;
  }

  /** @returns whether another broker has to be asked, too */
  async #look(asked: readonly string[] | null, wish: Wish): Promise<boolean> {
    const response = await this.#answer(asked, wish);
    this.#context.closing.throwIfAborted();
    return this.#context.apply(response, asked);
  }

  async #answer(asked: readonly string[] | null, wish: Wish): Promise<MetadataResponse> {
    for (let rebootstraps = 0; ; rebootstraps++) {
      const response = await this.#context.ask(asked, wish);
      if (response.errorCode !== Errors.REBOOTSTRAP_REQUIRED || rebootstraps === MOST_REBOOTSTRAPS) return response;
      this.#context.rebootstrap();
      await sleep(PAUSE_MS, this.#context.closing);
    }
  }

  /** A topic that was never asked for is asked for at once, unless the last questions were fruitless. */
  async #notTooOften(asked: readonly string[] | null): Promise<void> {
    const isNew = asked?.some((topic) => !this.#context.isKnown(topic)) ?? false;
    const leastMs = Math.min(PAUSE_MS * 2 ** Math.min(this.#fruitless, 10), FRUITLESS_PAUSE_MS);
    const pauseMs = this.#lastAskedAt + leastMs - clock.now();
    if ((!isNew || this.#fruitless > 0) && pauseMs > 0) await sleep(pauseMs, this.#context.closing);
  }
}

function fulfils(flight: Flight, { since, mayCreate }: Wish, asked: readonly string[] | null): boolean {
  return flight.startedAt >= since && (flight.mayCreate || !mayCreate) && covers(flight.topics, asked);
}

function covers(running: ReadonlySet<string> | null, asked: readonly string[] | null): boolean {
  if (running === null || asked === null) return running === asked;
  return asked.every((topic) => running.has(topic));
}

function nothing(): void {
  // only the end counts
}
