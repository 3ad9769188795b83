// Asks the cluster about topics while anything waits for news of them: at once, then every 100 to 500 ms.
//
//   idle --seek()--> asking --answered, failed--> does anything still wait? --no--> idle
//                      ^-------- pause -------------------'yes
//
// What is found out is told by cluster.onSnapshot; here it is told who was asked about what, and what went wrong.
import type { Cluster } from '../cluster/cluster.ts';
import { asError } from '../errors.ts';
import { clock } from '../util/clock.ts';
import { Alarm } from './alarm.ts';

/** The same topic is not asked for more often. */
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 500;
/** After so long an attempt says why nothing comes of it; the cluster goes on with it for the next one. */
const ASK_MS = 5_000;

export interface SeekerHooks {
  /** Topics that something waits for. */
  readonly wanted: () => Iterable<string>;
  /** About these topics. The snapshot holds what was said. */
  readonly answered: (topics: readonly string[]) => void;
  readonly failed: (topics: readonly string[], reason: Error) => void;
}

export class Seeker {
  readonly #cluster: Cluster;
  readonly #signal: AbortSignal;
  readonly #hooks: SeekerHooks;
  /** While something waits the process is not to end. */
  readonly #alarm: Alarm = new Alarm({ keepsAlive: true, readsFirst: false }, () => this.#askWanted());
  readonly #asking: Set<string> = new Set();
  readonly #askedAtMs: Map<string, number> = new Map();
  #isScheduled = false;

  constructor(cluster: Cluster, signal: AbortSignal, hooks: SeekerHooks) {
    this.#cluster = cluster;
    this.#signal = signal;
    this.#hooks = hooks;
  }

  /** Something has begun to wait for news of a topic. */
  seek(topic: string): void {
    if (this.#signal.aborted || this.#asking.has(topic)) return;
    const atMs = (this.#askedAtMs.get(topic) ?? -Infinity) + SHORTEST_PAUSE_MS;
    if (atMs > clock.now()) this.#alarm.set(atMs);
    else this.#askSoon();
  }

  /** Asks about these topics now, unless that is being done. */
  ask(topics: Iterable<string>): void {
    const asked = [...topics].filter((topic) => !this.#asking.has(topic));
    if (asked.length === 0 || this.#signal.aborted) return;
    const nowMs = clock.now();
    for (const topic of asked) {
      this.#asking.add(topic);
      this.#askedAtMs.set(topic, nowMs);
    }
    const timeoutMs = Math.min(ASK_MS, this.#cluster.options.requestTimeoutMs);
    this.#cluster.seekTopics(asked, { signal: this.#signal, timeoutMs }).then(
      () => this.#ended(asked, () => this.#hooks.answered(asked)),
      (error: unknown) => this.#ended(asked, () => this.#hooks.failed(asked, asError(error))),
    );
  }

  close(): void {
    this.#alarm.clear();
  }

  /** All that is sought in this tick is asked for together. */
  #askSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.#askWanted();
    });
  }

  #askWanted(): void {
    this.ask(this.#hooks.wanted());
  }

  /** Whoever is told may begin to wait again: what was asked is over before that. */
  #ended(topics: readonly string[], tell: () => void): void {
    for (const topic of topics) this.#asking.delete(topic);
    if (this.#signal.aborted) return;
    tell();
    const [wanted] = this.#hooks.wanted();
    if (wanted === undefined) this.#askedAtMs.clear();
    else this.#alarm.set(clock.now() + SHORTEST_PAUSE_MS + (LONGEST_PAUSE_MS - SHORTEST_PAUSE_MS) * clock.random());
  }
}
