// The embedded broker as a library: start it, look into it, and make it misbehave.
import { type AnyApi, type Api, BatchBuilder, type HeaderInput, type RecordView } from '@hopwire/protocol';
import { handlers } from '../handlers/index.ts';
import { type Certificates, makeCertificates } from '../harness/certificates.ts';
import { type Verb, type VerbOptions, Verbs } from '../verbs.ts';
import { MOST_CONNECTIONS, MOST_WAITING_BYTES } from './bounds.ts';
import { clock } from './clock.ts';
import { type BrokerNode, Cluster } from './cluster.ts';
import type { Group, GroupState } from './group.ts';
import { Listener, type ListenerName } from './listener.ts';
import { type ResolvedTestBrokerOptions, resolveOptions, type TestBrokerOptions } from './options.ts';
import { Room } from './room.ts';
import { Router } from './router.ts';
import type { Partition, Topic } from './topic.ts';
import { Users } from './users.ts';

/** Problems that are kept at most. */
const MOST_PROBLEMS = 100;

/** A record for `append`. */
export interface NewRecord {
  readonly key?: Uint8Array | string | null;
  readonly value?: Uint8Array | string | null;
  readonly headers?: readonly HeaderInput[];
  readonly timestampMs?: number;
}

/** What can be seen of a group. */
export interface GroupDescription {
  readonly state: GroupState;
  readonly generation: number;
  readonly memberIds: readonly string[];
}

/**
 * A Kafka broker, or a cluster of them, inside this process.
 *
 * @example await using broker = await TestBroker.start({ topics: { orders: 6 } });
 */
export class TestBroker {
  readonly #cluster: Cluster;
  readonly #listeners: ReadonlyMap<number, ReadonlyMap<ListenerName, Listener>>;
  readonly #options: ResolvedTestBrokerOptions;
  readonly #certificates: Certificates | null;
  readonly #verbs: Verbs;
  readonly #problems: Error[];

  private constructor(parts: Parts) {
    this.#cluster = parts.cluster;
    this.#listeners = parts.listeners;
    this.#options = parts.options;
    this.#certificates = parts.certificates;
    this.#verbs = parts.verbs;
    this.#problems = parts.problems;
  }

  /** Listens on all ports when it resolves. */
  static async start(options: TestBrokerOptions = {}): Promise<TestBroker> {
    const broker = new TestBroker(await partsFor(resolveOptions(options)));
    await broker.restart();
    for (const [name, partitions] of Object.entries(options.topics ?? {})) broker.createTopic(name, partitions);
    return broker;
  }

  /** `host:port` of the first node's first listener. */
  get bootstrap(): string {
    return this.listener(this.#firstListener);
  }

  /** PEM of the authority that signed the broker's certificate; only with a TLS listener. */
  get ca(): string | undefined {
    return this.#certificates?.ca;
  }

  /** A certificate that a listener with mutual TLS accepts. */
  get clientCertificate(): { readonly cert: string; readonly key: string } | undefined {
    const all = this.#certificates;
    return all ? { cert: all.clientCert, key: all.clientKey } : undefined;
  }

  /** All certificates, those of the stranger too. */
  get certificates(): Certificates | null {
    return this.#certificates;
  }

  get clusterId(): string {
    return this.#cluster.id;
  }

  /** Why connections were closed by the broker: malformed requests, wrong order, failed TLS handshakes. */
  get problems(): readonly Error[] {
    return this.#problems;
  }

  /** `host:port` of a listener of the first node. */
  listener(name: ListenerName): string {
    const [address] = this.addresses(name);
    if (address === undefined) throw new RangeError(`there is no listener "${name}"; give it in \`listeners\``);
    return address;
  }

  /** `host:port` of a listener on every node. */
  addresses(name: ListenerName = this.#firstListener): string[] {
    return this.#cluster.nodes.flatMap(({ host, ports }) => {
      const port = ports.get(name);
      return port === undefined ? [] : [`${host.includes(':') ? `[${host}]` : host}:${port}`];
    });
  }

  createTopic(name: string, partitions = 1, configs: Readonly<Record<string, string>> = {}): void {
    this.#cluster.createTopic(name, partitions, { configs: new Map(Object.entries(configs)) });
  }

  deleteTopic(name: string): void {
    this.#cluster.deleteTopic(name);
    this.#cluster.groups.forgetTopic(name);
  }

  /** Deleted and made anew: same name, another id, no records and no committed offsets. */
  recreateTopic(name: string): void {
    const { partitions, configs } = this.#topic(name);
    this.deleteTopic(name);
    this.#cluster.createTopic(name, partitions.length, { configs });
  }

  /** More partitions for a topic: `count` afterwards. */
  growTopic(name: string, count: number): void {
    this.#cluster.growTopic(this.#topic(name), count);
  }

  partitionCount(name: string): number {
    return this.#topic(name).partitions.length;
  }

  topicNames(): string[] {
    return [...this.#cluster.topics].map(({ name }) => name);
  }

  topicId(name: string): string {
    return this.#topic(name).id;
  }

  /** Everything in a partition. */
  records(topic: string, partition = 0): RecordView[] {
    return [...this.#partition(topic, partition).log.records()];
  }

  /** Writes records as one batch without a client; the offset of the first one comes back. */
  append(topic: string, records: readonly NewRecord[], partition = 0): bigint {
    const builder = new BatchBuilder();
    for (const { timestampMs = clock.wallNow(), key = null, value = null, headers = [] } of records) {
      builder.append(timestampMs, key, value, headers);
    }
    return this.#cluster.append(this.#partition(topic, partition), builder.seal());
  }

  /** Log start and log end. */
  offsets(topic: string, partition = 0): { readonly start: bigint; readonly end: bigint } {
    const { start, end } = this.#partition(topic, partition).log;
    return { start, end };
  }

  /** Moves the log start, as retention does. */
  deleteRecords(topic: string, partition: number, before: bigint): void {
    this.#partition(topic, partition).log.deleteUpTo(before);
  }

  /** Loses the end of the log, as an unclean election does: the epoch is raised. */
  truncate(topic: string, partition: number, from: bigint): void {
    const target = this.#partition(topic, partition);
    target.log.truncateTo(from);
    target.producers.rebuildFrom(target.log.batches());
    target.moveTo(target.leaderId);
  }

  moveLeader(topic: string, partition: number, nodeId: number): void {
    this.#partition(topic, partition).moveTo(nodeId);
  }

  leaderOf(topic: string, partition = 0): number {
    return this.#partition(topic, partition).leaderId;
  }

  moveCoordinator(groupId: string, nodeId: number): void {
    this.#cluster.moveCoordinator(groupId, 0, nodeId);
  }

  coordinatorOf(groupId: string): number {
    return this.#cluster.coordinatorOf(groupId, 0)?.id ?? -1;
  }

  group(id: string): GroupDescription | null {
    const group = this.#cluster.groups.group(id);
    return group ? { state: group.state, generation: group.generation, memberIds: [...group.members.keys()] } : null;
  }

  /** The committed offset; null when there is none. */
  committed(groupId: string, topic: string, partition = 0): bigint | null {
    return this.#cluster.groups.committed(groupId, topic, partition)?.offset ?? null;
  }

  /** Ends a member's session now, as if its heartbeats had stopped for too long. */
  expireMember(groupId: string, memberId: string): void {
    const group = this.#cluster.groups.group(groupId);
    const member = group?.members.get(memberId);
    if (!group || !member) throw new RangeError(`group ${groupId} has no member ${memberId}`);
    group.expel(member);
  }

  /** Takes rights away, or gives them back: replaces what `denyTopics` and `denyGroups` said. */
  deny(denials: Pick<TestBrokerOptions, 'denyTopics' | 'denyGroups'>): void {
    const { access } = this.#cluster;
    if (denials.denyTopics) access.denyTopics = denials.denyTopics;
    if (denials.denyGroups) access.denyGroups = denials.denyGroups;
  }

  /** The next matching request meets this verb instead of the handler alone. */
  on<Request, Response>(
    api: Api<Request, Response>,
    verb: Verb<Request, Response>,
    options: VerbOptions<Request> = {},
  ): void {
    this.#verbs.on(api, verb, options);
  }

  /** Removes the verbs of one API, or all. */
  off(api?: AnyApi): void {
    this.#verbs.off(api);
  }

  /** Cuts all connections; new ones are accepted. */
  killConnections(): void {
    for (const listener of this.#allListeners()) listener.killConnections();
  }

  /** One node goes away; its partitions get other leaders. */
  async stopNode(nodeId: number): Promise<void> {
    const node = this.#node(nodeId);
    this.#cluster.changeNodes(() => {
      node.isUp = false;
      node.fetchSessions.clear();
      this.#cluster.electAwayFrom(nodeId);
    });
    await Promise.all([...(this.#listeners.get(nodeId)?.values() ?? [])].map((listener) => listener.close()));
  }

  /** The node comes back, on the same ports. */
  async startNode(nodeId: number): Promise<void> {
    const node = this.#node(nodeId);
    if (node.isUp) return;
    await Promise.all([...(this.#listeners.get(nodeId)?.values() ?? [])].map((listener) => listener.open()));
    this.#join(node);
  }

  /**
   * The node stands still, as after SIGSTOP: the clocks of its groups stop. That it neither reads nor answers is for the
   * network to do.
   */
  freezeNode(nodeId: number): void {
    for (const group of this.#groupsOn(nodeId)) group.stopClocks();
  }

  /** The cluster gives a silent node up: others lead and coordinate, though it may still run and accept connections. */
  fenceNode(nodeId: number): void {
    const node = this.#node(nodeId);
    this.#cluster.changeNodes(() => {
      node.isFenced = true;
      this.#cluster.electAwayFrom(nodeId);
    });
  }

  /** The node goes on where it stood; a fenced one is taken in again. */
  thawNode(nodeId: number): void {
    const node = this.#node(nodeId);
    if (!node.isUp) return; // stopped meanwhile: starting takes it in
    if (node.isFenced) this.#join(node);
    else for (const group of this.#groupsOn(nodeId)) group.resume();
  }

  /**
   * All nodes stop listening and cut their connections; data, groups and ports are kept. Of each idempotent producer they
   * remember the newest batch only, as Kafka does after a restart.
   */
  async stop(): Promise<void> {
    for (const node of this.#cluster.nodes) {
      node.isUp = false;
      node.fetchSessions.clear();
    }
    this.#cluster.forgetOlderBatches();
    this.#cluster.groups.suspend();
    await Promise.all([...this.#allListeners()].map((listener) => listener.close()));
  }

  /** Stops what runs, then listens again on the same ports with the same data. */
  async restart(): Promise<void> {
    await this.stop();
    for (const { id } of this.#cluster.nodes) await this.startNode(id);
    this.#cluster.groups.resume();
  }

  /** Stops for good. */
  async close(): Promise<void> {
    await this.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #join(node: BrokerNode): void {
    this.#cluster.changeNodes(() => {
      node.isUp = true;
      node.isFenced = false;
      this.#cluster.electLeaders();
    });
  }

  #groupsOn(nodeId: number): Group[] {
    return this.#cluster.groups.all().filter(({ id }) => this.#cluster.coordinatorOf(id, 0)?.id === nodeId);
  }

  #node(nodeId: number): BrokerNode {
    const node = this.#cluster.node(nodeId);
    if (!node) throw new RangeError(`there is no node ${nodeId}`);
    return node;
  }

  get #firstListener(): ListenerName {
    return this.#options.listeners[0] ?? 'plaintext';
  }

  *#allListeners(): Iterable<Listener> {
    for (const listeners of this.#listeners.values()) yield* listeners.values();
  }

  #topic(name: string): Topic {
    const topic = this.#cluster.topic(name);
    if (!topic) throw new RangeError(`there is no topic ${name}; create it first`);
    return topic;
  }

  #partition(topic: string, index: number): Partition {
    const partition = this.#topic(topic).partitions[index];
    if (!partition) throw new RangeError(`topic ${topic} has no partition ${index}`);
    return partition;
  }
}

interface Parts {
  readonly cluster: Cluster;
  readonly listeners: ReadonlyMap<number, ReadonlyMap<ListenerName, Listener>>;
  readonly options: ResolvedTestBrokerOptions;
  readonly certificates: Certificates | null;
  readonly verbs: Verbs;
  readonly problems: Error[];
}

async function partsFor(options: ResolvedTestBrokerOptions): Promise<Parts> {
  const cluster = new Cluster(options);
  cluster.onAppend = options.onAppend;
  cluster.groups.onCommit = storedCommits(options.onCommit);
  const verbs = new Verbs();
  const problems: Error[] = [];
  const router = new Router(cluster, handlers, verbs, options.maxVersions);
  const users = new Users(options.users);
  const certificates = options.listeners.some(usesTls) ? await makeCertificates() : null;
  const onProblem = (problem: Error): void => {
    if (problems.push(problem) > MOST_PROBLEMS) problems.shift();
  };
  const room = new Room(MOST_WAITING_BYTES, 'requests that wait for their answers');
  let connections = 0;
  const nextConnection = (): number => ++connections;
  const { host, port, reauthenticateMs, onExchange } = options;
  const listenersOf = (node: Cluster['nodes'][number], index: number): Map<ListenerName, Listener> =>
    new Map(
      options.listeners.map((name, i) => {
        const own = certificates && usesTls(name) ? serverPart(certificates) : null;
        const fixed = i === 0 && port > 0 ? port + index : 0;
        const common = { node, name, host, router, users, reauthenticateMs, onProblem, nextConnection, onExchange };
        const bounds = { room, mostConnections: MOST_CONNECTIONS };
        return [name, new Listener({ ...common, ...bounds, port: fixed, certificates: own })];
      }),
    );
  const listeners = new Map(cluster.nodes.map((node, index) => [node.id, listenersOf(node, index)]));
  return { cluster, listeners, options, certificates, verbs, problems };
}

function storedCommits(tell: ResolvedTestBrokerOptions['onCommit']): Cluster['groups']['onCommit'] {
  return tell && ((groupId, topic, partition, { offset }) => tell({ groupId, topic, partition, offset }));
}

function usesTls(name: ListenerName): boolean {
  return name === 'tls' || name === 'mtls' || name === 'saslTls';
}

function serverPart({ ca, brokerCert, brokerKey }: Certificates): { ca: string; cert: string; key: string } {
  return { ca, cert: brokerCert, key: brokerKey };
}
