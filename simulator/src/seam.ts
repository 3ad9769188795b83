// Puts virtual time, drawn chance and the network in memory where client and broker ask for theirs.
import { type Clock, clock as clientClock } from '@hopwire/client/src/util/clock.ts';
import { type Clock as BrokerClock, clock as brokerClock } from '@hopwire/test-broker/src/embedded/clock.ts';
import { network as brokerNetwork, type Network } from '@hopwire/test-broker/src/embedded/network.ts';
import type { QueuedEvent, Realm } from './event-queue.ts';
import type { SimNetwork } from './network/sim-network.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** Where virtual time begins on the wall. */
const EPOCH_MS = 1_700_000_000_000;
/** Where it begins on the clock that never goes back: not at 0, which code may take for "never". */
const UPTIME_MS = 5_000;

/** A timer as `clock.setTimer` gives it. */
class SimTimer {
  event: QueuedEvent | null = null;
  readonly callback: () => void;

  constructor(callback: () => void) {
    this.callback = callback;
  }

  unref(): this {
    return this;
  }
}

/** The timers of one process that have not fired. */
export class Timers {
  readonly #scheduler: Scheduler;
  readonly #realm: Realm;
  readonly #pending = new Set<SimTimer>();

  constructor(scheduler: Scheduler, realm: Realm) {
    this.#scheduler = scheduler;
    this.#realm = realm;
  }

  /** As Node does: whole milliseconds, at least one. */
  set(callback: () => void, ms: number): SimTimer {
    const timer = new SimTimer(callback);
    this.#pending.add(timer);
    timer.event = this.#scheduler.after(Math.max(1, Math.trunc(ms)), 'timer', this.#realm, () => {
      this.#pending.delete(timer);
      callback();
    });
    return timer;
  }

  clear(timer: unknown): void {
    if (!(timer instanceof SimTimer) || !this.#pending.delete(timer)) return;
    if (timer.event) timer.event.isCancelled = true;
  }

  /** What would still fire, as source text. */
  pending(): string[] {
    return [...this.#pending].map(({ callback, event }) => `at ${event?.at.toFixed(0)}: ${callback.toString()}`);
  }
}

export interface Seam {
  readonly clientTimers: Timers;
  /** Everything is Node's own again. */
  end(): void;
}

/** @param random one stream for the client, one for the cluster */
export function installSeam(
  scheduler: Scheduler,
  network: SimNetwork,
  random: { readonly client: Random; readonly cluster: Random },
): Seam {
  const clientTimers = new Timers(scheduler, 'client');
  const clusterTimers = new Timers(scheduler, 'cluster');
  const client: Clock = clockOf(scheduler, clientTimers, 'client', random.client);
  const broker: BrokerClock = {
    ...clockOf(scheduler, clusterTimers, 'cluster', random.cluster),
    randomBytes: (size) => random.cluster.bytes(size),
  };
  const listen: Network['listen'] = (host, port, door) => network.listen(host, port, door);
  const ends = [replace(clientClock, client), replace(brokerClock, broker), replace(brokerNetwork, { listen })];
  const end = (): void => {
    for (const undo of ends) undo();
  };
  return { clientTimers, end };
}

function clockOf(scheduler: Scheduler, timers: Timers, realm: Realm, random: Random): Clock {
  return {
    now: () => UPTIME_MS + scheduler.now,
    wallNow: () => EPOCH_MS + Math.trunc(scheduler.now),
    setTimer: (callback, ms) => timers.set(callback, ms),
    clearTimer: (timer) => timers.clear(timer),
    afterIo: (callback) => {
      scheduler.after(0, 'check', realm, callback);
    },
    random: () => random.next(),
  };
}

/** @returns puts back what was there */
function replace<T extends object>(target: T, fields: T): () => void {
  const before = { ...target };
  Object.assign(target, fields);
  return () => Object.assign(target, before);
}
