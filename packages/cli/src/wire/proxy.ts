// A proxy in front of a broker, and of every other broker it names: each gets a listening port of its own.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type Address, addressText } from './address.ts';
import { type ProxyEvent, Relay } from './relay.ts';

/** No cluster has more. */
const MOST_BROKERS = 1000;

export interface ProxyOptions {
  /** The broker in front of which it stands. */
  readonly broker: Address;
  /** Where it listens; port 0 lets the system choose. The ports of further brokers are always chosen by the system. */
  readonly listen: Address;
  /** TLS to the brokers, with a further authority (PEM); null: plain TCP. Clients connect in plain. */
  readonly tls: { readonly ca: string | undefined } | null;
  /** Put our addresses in place of the brokers' into answers. */
  readonly rewrites: boolean;
  /** Each broker takes a port: answers that name more in all are not rewritten. Default 1,000. */
  readonly mostBrokers?: number;
  /** Traffic waits for its promise. */
  readonly onEvent: (event: ProxyEvent) => Promise<void>;
  /** A broker has got a port. */
  readonly onListening: (broker: Address, local: Address) => void;
}

export type { Seen } from './conversation.ts';
export type { ProxyEvent } from './relay.ts';

interface Gate {
  readonly server: Server;
  readonly port: number;
}

/** Lives until `close`. */
export class WireProxy {
  readonly #options: ProxyOptions;
  readonly #gates = new Map<string, Promise<Gate>>();
  readonly #running = new Map<Relay, Promise<void>>();
  #connections = 0;
  #isClosed = false;

  private constructor(options: ProxyOptions) {
    this.#options = options;
  }

  /** Listens when it resolves. Rejects with the error of `listen`. */
  static async start(options: ProxyOptions): Promise<WireProxy> {
    const proxy = new WireProxy(options);
    await proxy.#gateFor(options.broker, options.listen.port);
    return proxy;
  }

  /** Where clients reach the first broker. */
  async address(): Promise<Address> {
    const { broker, listen } = this.#options;
    return { host: listen.host, port: await this.#portFor(broker) };
  }

  /** Stops listening and cuts all connections; resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const relay of this.#running.keys()) relay.destroy();
    const gates = await Promise.allSettled(this.#gates.values());
    await Promise.all([
      ...gates.map((gate) => gate.status === 'fulfilled' && closed(gate.value.server)),
      ...this.#running.values(),
    ]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** null: they would be too many, with those that have one. */
  async #portsFor(brokers: readonly Address[]): Promise<readonly number[] | null> {
    const added = brokers.filter((broker) => !this.#gates.has(addressText(broker))).length;
    if (this.#gates.size + added > (this.#options.mostBrokers ?? MOST_BROKERS)) return null;
    return Promise.all(brokers.map((broker) => this.#portFor(broker)));
  }

  async #portFor(broker: Address): Promise<number> {
    return (await this.#gateFor(broker, 0)).port;
  }

  #gateFor(broker: Address, port: number): Promise<Gate> {
    const key = addressText(broker);
    const known = this.#gates.get(key);
    if (known) return known;
    const gate = this.#open(broker, port);
    this.#gates.set(key, gate);
    // A port that could not be had may be had the next time.
    gate.catch(() => this.#gates.delete(key));
    return gate;
  }

  async #open(broker: Address, port: number): Promise<Gate> {
    const { host } = this.#options.listen;
    const server = createServer({ allowHalfOpen: true }, (client) => this.#relay(client, broker));
    server.listen(port, host);
    await once(server, 'listening');
    const bound = server.address();
    const gate = { server, port: typeof bound === 'object' && bound ? bound.port : port };
    this.#options.onListening(broker, { host, port: gate.port });
    return gate;
  }

  #relay(client: Socket, broker: Address): void {
    if (this.#isClosed) {
      client.destroy();
      return;
    }
    const { tls, rewrites, onEvent } = this.#options;
    const portsFor = rewrites ? (others: readonly Address[]) => this.#portsFor(others) : null;
    const relay = new Relay(client, { connection: ++this.#connections, broker, tls, portsFor, onEvent });
    this.#running.set(
      relay,
      relay.run().finally(() => this.#running.delete(relay)),
    );
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
