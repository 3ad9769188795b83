// The brokers of a cluster by id, and the bootstrap addresses beside them.
import { ConnectionError } from '../errors.ts';
import { bareHost } from '../network/address.ts';
import type { BrokerAddress } from '../types.ts';
import { clock } from '../util/clock.ts';
import { Broker, type ClusterContext } from './broker.ts';
import type { Owner } from './owner.ts';

/** A broker that owes an answer for so long is asked last. */
const SILENT_MS = 1_000;

/** Brokers known from metadata replace each other when their address changes; bootstrap brokers stay. */
export class Brokers {
  readonly #context: ClusterContext;
  readonly #bootstrap: readonly Broker[];
  readonly #byId = new Map<number, Broker>();

  constructor(context: ClusterContext) {
    this.#context = context;
    this.#bootstrap = context.options.brokers.map((address, i) => new Broker(-1 - i, address, context));
  }

  get(nodeId: number): Broker | undefined {
    return this.#byId.get(nodeId);
  }

  /**
   * In the order in which to ask: connected ones, then known ones, then the bootstrap addresses (KIP-899) and those that
   * were not reached just now, and last those that have gone silent.
   *
   * @param heardAt for whom news is wanted: when a broker was heard last. Known ones are asked in turn then
   */
  candidates(heardAt: ((broker: Broker) => number) | null = null): Broker[] {
    const ranked = shuffled(this.#all()).map((broker) => {
      const rank = rankOf(broker);
      const turn = heardAt !== null && rank <= Rank.known ? heardAt(broker) : 0;
      return {
        broker,
        rank,
        group: heardAt === null ? rank : Math.max(rank, Rank.known),
        turn,
        pauseMs: broker.pauseMs,
      };
    });
    ranked.sort((a, b) => a.group - b.group || a.turn - b.turn || a.rank - b.rank || a.pauseMs - b.pauseMs);
    return ranked.map(({ broker }) => broker);
  }

  /** A pause that one of them demands, as an error that says so; null: none does. */
  get demandedPause(): Error | null {
    const paused = this.#all().find((broker) => broker.demandedPauseMs > 0);
    if (!paused) return null;
    const leftMs = Math.ceil(paused.demandedPauseMs);
    return new ConnectionError(paused.address, `it demands a pause by a quota, ${leftMs} ms of it are left`);
  }

  get heardAt(): number {
    return this.#all().reduce((last, broker) => Math.max(last, broker.heardAt), -Infinity);
  }

  get isAwaiting(): boolean {
    return this.#all().some((broker) => broker.isAwaiting);
  }

  /** Those that left are closed: what waits for them fails and may be retried elsewhere. */
  replace(addresses: ReadonlyMap<number, BrokerAddress>): void {
    for (const [nodeId, broker] of this.#byId) if (!addresses.has(nodeId)) this.#drop(broker);
    for (const address of addresses.values()) this.learn(address);
  }

  /** @returns the broker with that id and address */
  learn(advertised: Pick<BrokerAddress, 'nodeId' | 'host' | 'port'>): Broker {
    const address = { ...advertised, host: bareHost(advertised.host) };
    const known = this.#byId.get(address.nodeId);
    if (known && known.host === address.host && known.port === address.port) return known;
    if (known) this.#drop(known);
    const broker = new Broker(address.nodeId, address, this.#context);
    this.#byId.set(address.nodeId, broker);
    return broker;
  }

  /** Only the bootstrap addresses are left. */
  forget(): void {
    for (const broker of this.#byId.values()) this.#drop(broker);
  }

  /** Closes an owner's connections. */
  release(owner: Owner, reason: Error): void {
    for (const broker of this.#all()) broker.release(owner, reason);
  }

  close(reason: Error): void {
    for (const broker of this.#all()) broker.close(reason);
  }

  #all(): Broker[] {
    return [...this.#byId.values(), ...this.#bootstrap];
  }

  #drop(broker: Broker): void {
    if (this.#byId.get(broker.nodeId) === broker) this.#byId.delete(broker.nodeId);
    const reason = `broker ${broker.nodeId} has left the cluster or moved`;
    broker.close(new ConnectionError(broker.address, reason, { sent: true }));
  }
}

/** Who is asked earlier has the lower one. */
const Rank = { connected: 0, known: 1, doubtful: 2, silent: 3 } as const;

function rankOf(broker: Broker): number {
  if (broker.silentMs > SILENT_MS) return Rank.silent;
  if (broker.isConnected) return Rank.connected;
  return broker.nodeId >= 0 && broker.pauseMs === 0 ? Rank.known : Rank.doubtful;
}

function shuffled<T>(items: readonly T[]): T[] {
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(clock.random() * (i + 1));
    const [a, b] = [copy[i], copy[j]];
    if (a !== undefined && b !== undefined) [copy[i], copy[j]] = [b, a];
  }
  return copy;
}
