// The public entry: options in; producers, consumers and admins out. Owns the cluster.
import type { Api } from '@hopwire/protocol';
import { Admin } from './admin/admin.ts';
import type { Broker } from './cluster/broker.ts';
import { Cluster } from './cluster/cluster.ts';
import { Owner } from './cluster/owner.ts';
import { Consumer } from './consumer/consumer.ts';
import { ClosedError, TimeoutError } from './errors.ts';
import { type ConsumerOptions, type KafkaOptions, type ProducerOptions, resolveKafkaOptions } from './options.ts';
import { Producer } from './producer/producer.ts';
import type { Bytes, Waiting } from './types.ts';
import { onAbort } from './util/abort.ts';
import { given, integer } from './util/check-options.ts';
import { checkWaiting } from './util/check-waiting.ts';
import { Deadline, waitFor } from './util/timers.ts';

export interface RequestOptions extends Waiting {
  /** Default: the highest that both sides speak. One that not both speak is an UnsupportedVersionError, and not sent. */
  version?: number | undefined;
  /** Node id; left out: any. */
  broker?: number | undefined;
}

/** After the signal of `close()` was aborted: to say farewell, not to wait for anything. */
const FAREWELL_MS = 100;

/** Whatever is closed with the client. */
interface Closable {
  close(o?: Waiting): Promise<void>;
}

/** `new Kafka(options)`: nothing is connected before it is needed. */
export function createClient(options: KafkaOptions): Kafka {
  return new Kafka(options);
}

/** A client of one cluster. */
export class Kafka implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #children = new Set<Closable>();
  /** Raw requests and admin calls may take long: metadata does not wait behind them. */
  readonly #requests: Owner = new Owner('request');
  readonly #adminOwner: Owner = new Owner('admin');
  #closing: Promise<void> | null = null;

  constructor(options: KafkaOptions) {
    this.#cluster = new Cluster(resolveKafkaOptions(options));
  }

  producer<K = Bytes | null, V = Bytes | null>(options: ProducerOptions<K, V> = {}): Producer<K, V> {
    return this.#adopt((onClosed) => new Producer<K, V>(this.#cluster, options, onClosed));
  }

  consumer<K = Buffer | null, V = Buffer | null>(options: ConsumerOptions<K, V>): Consumer<K, V> {
    return this.#adopt((onClosed) => new Consumer<K, V>(this.#cluster, options, onClosed));
  }

  /** @throws {TypeError} when it is given something: an admin client has no options, they would be ignored */
  admin(...none: []): Admin {
    if (none.length > 0) throw new TypeError(`admin takes no options; each of its calls has its own`);
    return this.#adopt((onClosed) => new Admin(this.#cluster, this.#adminOwner, onClosed));
  }

  /** Any API, any version, typed. One attempt; an error code in the answer is the caller's to judge. */
  async request<Q, R>(api: Api<Q, R>, body: Q, options: RequestOptions = {}): Promise<R> {
    if (this.#closing) throw new ClosedError('the Kafka client');
    checkApi(api);
    const waiting = checkWaiting(`request ${api.name}`, options, ['version', 'broker']);
    const nodeId = wholeNumber(`request ${api.name}: broker`, options?.broker);
    const version = wholeNumber(`request ${api.name}: version`, options?.version);
    const { signal, timeoutMs } = waiting;
    const deadline = new Deadline(timeoutMs ?? Infinity);
    const left = (): Waiting => ({ signal, timeoutMs: timeoutMs === undefined ? undefined : deadline.remainingMs });
    const sending = this.#broker(nodeId, waiting).then((broker) =>
      broker.send(api, body, { ...left(), version, owner: this.#requests }),
    );
    return waitFor(sending, waiting, () => this.#cluster.late(`request ${api.name}`, waiting));
  }

  /** Optional: every call connects when it must. */
  async connect(options: Waiting = {}): Promise<void> {
    if (this.#closing) throw new ClosedError('the Kafka client');
    await this.#cluster.refreshMetadata(checkWaiting('connect', options));
  }

  /**
   * Closes everything that came out of this client within one deadline: consumers first, all at once, so that the bodies of
   * their loops may still use producers and admins (for half of the time, if `timeoutMs` is given); then the others; then
   * the connections. A second call joins the first, and brings its end forward if it gives less time. When a `signal` ends
   * the wait, the call rejects at once, and everything is closed 100 ms later at the latest: members have that long to leave.
   */
  async close(options: Waiting = {}): Promise<void> {
    // Before anything is begun: a close that was refused must not be in the way of the next one.
    const waiting = checkWaiting('kafka.close', options);
    if (this.#closing === null) this.#closing = this.#close(waiting);
    else void this.#closeChildren(waiting); // what goes wrong is told by the first call
    const late = (): Error => new TimeoutError('kafka.close', waiting.timeoutMs ?? 0);
    await waitFor(this.#closing, { signal: waiting.signal }, late);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #adopt<T extends Closable>(make: (onClosed: (child: Closable) => void) => T): T {
    if (this.#closing) throw new ClosedError('the Kafka client');
    const child = make((closed) => this.#children.delete(closed));
    this.#children.add(child);
    return child;
  }

  async #close(waiting: Waiting): Promise<void> {
    const closed = await this.#closeChildren(waiting);
    this.#children.clear();
    this.#cluster.close();
    const failed = closed.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** Never rejects. */
  async #closeChildren({ timeoutMs, signal }: Waiting): Promise<PromiseSettledResult<void>[]> {
    const deadline = new Deadline(timeoutMs ?? Infinity);
    const left = (): number | undefined => {
      if (signal?.aborted) return FAREWELL_MS;
      return timeoutMs === undefined ? undefined : deadline.remainingMs;
    };
    const children = [...this.#children];
    const hurry = (): void => children.forEach((child) => void child.close({ timeoutMs: FAREWELL_MS }));
    const stop = signal && onAbort(signal, hurry);
    const close = (child: Closable): Promise<void> => child.close({ timeoutMs: left() });
    const consumers = children.filter((child) => child instanceof Consumer).map(close);
    const half = { signal, timeoutMs: (left() ?? Infinity) / 2 };
    await waitFor(Promise.allSettled(consumers), half, () => new TimeoutError('consumer.close', half.timeoutMs)).catch(
      () => undefined,
    );
    const others = children.filter((child) => !(child instanceof Consumer)).map(close);
    const closed = await Promise.allSettled([...consumers, ...others]);
    stop?.();
    return closed;
  }

  async #broker(nodeId: number | undefined, waiting: Waiting): Promise<Broker> {
    if (nodeId === undefined) return this.#cluster.anyBroker(waiting);
    if (!this.#cluster.broker(nodeId)) await this.#cluster.refreshMetadata(waiting);
    const broker = this.#cluster.broker(nodeId);
    if (!broker) throw new RangeError(`the cluster has no broker ${nodeId}`);
    return broker;
  }
}

/** @throws {TypeError} for what is no API of the protocol */
function checkApi(api: unknown): void {
  const isObject = typeof api === 'object' && api !== null;
  if (isObject && 'key' in api && 'name' in api && 'versions' in api && 'request' in api) return;
  throw new TypeError(`request takes one of the APIs, e.g. request(Metadata, { ... }), not ${given(api)}`);
}

/** null: left out, as undefined is. */
function wholeNumber(name: string, value: number | null | undefined): number | undefined {
  return value === undefined || value === null ? undefined : integer(name, value, 0, 0);
}
