// What every measurement has around it: a broker, and ONE client of it with two consumers, two producers and an admin.
import {
  type Admin,
  type Consumer,
  type ConsumerOptions,
  createClient,
  type Kafka,
  type KafkaEvent,
  type KafkaOptions,
  Metadata,
  type Producer,
  type ProducerOptions,
} from '@hopwire/client';
import { TestBroker, type TestBrokerOptions } from '@hopwire/test-broker';
import { Loop } from './loop.ts';
import { never } from './never.ts';
import { Outsider } from './outsider.ts';
import { quiet } from './quiet.ts';
import { ALL_TOPICS } from './requests.ts';
import { SilentPeer } from './silent-peer.ts';
import { until } from './until.ts';

export const TOPIC = 'orders';
/** Exists; nothing has asked for it yet. */
export const OTHER_TOPIC = 'invoices';
/** What asks for it waits. */
export const MISSING_TOPIC = 'missing';
export const PARTITIONS = 4;

export interface SceneOptions {
  readonly broker?: TestBrokerOptions;
  /** Before there is a client. */
  readonly before?: (broker: TestBroker) => void;
  readonly client?: Partial<KafkaOptions>;
  /** The client is given the address of one that says nothing, not even in a TLS handshake. */
  readonly isPeerSilent?: boolean;
  readonly producer?: ProducerOptions;
  /** A hook of the consumers that never comes back. */
  readonly hangs?: 'onAssigned' | 'onRevoked';
  /** Groups of the two consumers; left out: one for both. */
  readonly groups?: readonly [string, string];
  /** Does everybody work before the state begins? `joined`: consumers get as far as their hook. */
  readonly warm: 'all' | 'joined' | 'none';
}

const CONSUMER = { topics: [TOPIC], startAt: 'earliest', maxWaitMs: 100, heartbeatIntervalMs: 50 } as const;

export class Scene {
  readonly broker: TestBroker;
  readonly kafka: Kafka;
  readonly groups: readonly [string, string];
  readonly consumers: readonly Consumer[];
  readonly producers: readonly Producer[];
  readonly admin: Admin;
  readonly loops: readonly Loop[];
  readonly outsider: Outsider;
  /** The `signal` option of all consumers. */
  readonly ending: AbortController = new AbortController();
  /** Consumers that a call has asked for. */
  readonly extra: Consumer[] = [];
  /** Calls of the hook that hangs. */
  hooksCalled = 0;
  /** A close that is under way, and the deadline it has. */
  closing: { readonly work: Promise<void>; readonly deadline: number } | null = null;
  readonly #options: SceneOptions;
  readonly #peer: SilentPeer | null;
  readonly #beside: Promise<unknown>[] = [];
  readonly #events = new Map<string, number>();

  private constructor(broker: TestBroker, peer: SilentPeer | null, options: SceneOptions) {
    this.#options = options;
    this.broker = broker;
    this.#peer = peer;
    this.groups = options.groups ?? ['group', 'group'];
    const onEvent = options.client?.onEvent;
    this.kafka = createClient({
      brokers: peer?.address ?? broker.bootstrap,
      logger: quiet,
      ...options.client,
      onEvent: (event) => {
        this.#count(event);
        return onEvent?.(event);
      },
    });
    this.outsider = new Outsider(broker.bootstrap);
    this.consumers = this.groups.map((groupId) => this.#member({ groupId }));
    this.producers = [this.kafka.producer(options.producer), this.kafka.producer(options.producer)];
    this.admin = this.kafka.admin();
    this.loops = this.consumers.map((consumer) => new Loop(consumer));
  }

  static async open(options: SceneOptions): Promise<Scene> {
    const topics = { [TOPIC]: PARTITIONS, [OTHER_TOPIC]: 1, doomed1: 1, doomed2: 1 };
    const broker = await TestBroker.start({ topics, autoCreateTopics: false, ...options.broker });
    options.before?.(broker);
    const peer = options.isPeerSilent ? await SilentPeer.start() : null;
    const scene = new Scene(broker, peer, options);
    try {
      if (options.warm !== 'none') await scene.#warmUp();
    } catch (error) {
      await scene.dispose();
      throw error;
    }
    return scene;
  }

  /** Another consumer of the first group, with the hooks of the others. */
  member(options: Partial<ConsumerOptions> = {}): Consumer {
    const consumer = this.#member({ groupId: this.groups[0], ...options });
    this.extra.push(consumer);
    return consumer;
  }

  /** A consumer outside of all groups, or one that only uses the offsets of a group. */
  single(options: ConsumerOptions = {}): Consumer {
    const consumer = this.#consumer({ maxWaitMs: CONSUMER.maxWaitMs, ...options });
    this.extra.push(consumer);
    return consumer;
  }

  /** Goes on beside what is measured; it must have ended when the client is closed. */
  beside(...work: readonly Promise<unknown>[]): void {
    for (const one of work) this.#beside.push(one.catch(() => undefined));
  }

  /** When everything that went on beside has ended. */
  async besideEnded(): Promise<void> {
    await Promise.all(this.#beside);
  }

  /** How often there was an event of this name: `throttle Fetch`, `rebalance joining`. */
  seen(name: string): number {
    return this.#events.get(name) ?? 0;
  }

  /** A record in each partition. */
  append(): void {
    for (let partition = 0; partition < PARTITIONS; partition++) this.broker.append(TOPIC, [{ value: 'v' }], partition);
  }

  /** Members of the client under test that the broker has now. */
  members(): string[] {
    const ids = [...new Set(this.groups)].flatMap((group) => this.broker.group(group)?.memberIds ?? []);
    return ids.filter((id) => !Outsider.isOne(id));
  }

  /** The broker goes away, with whatever may hold on to it. */
  async dispose(): Promise<void> {
    for (const loop of this.loops) loop.release();
    this.broker.off();
    const closed = Promise.allSettled([this.kafka.close({ timeoutMs: 0 }), this.outsider.close()]);
    await this.broker.close();
    this.#peer?.close();
    await closed;
  }

  #member(options: Partial<ConsumerOptions>): Consumer {
    const { hangs } = this.#options;
    const hook = (): Promise<never> => {
      this.hooksCalled++;
      return never();
    };
    return this.#consumer({ ...CONSUMER, ...(hangs && { [hangs]: hook }), ...options });
  }

  #consumer(options: ConsumerOptions): Consumer {
    return this.kafka.consumer({ signal: this.ending.signal, ...options });
  }

  #count(event: KafkaEvent): void {
    const detail = event.type === 'throttle' ? event.api : event.type === 'rebalance' ? event.phase : '';
    const name = `${event.type} ${detail}`.trim();
    this.#events.set(name, this.seen(name) + 1);
  }

  /** Every connection is open, everybody has worked once. */
  async #warmUp(): Promise<void> {
    const { kafka, admin, producers } = this;
    await Promise.all([
      kafka.request(Metadata, ALL_TOPICS),
      admin.listOffsets([{ topic: TOPIC, partition: 0, at: 'latest' }]),
      ...producers.map((producer) => producer.send({ topic: TOPIC, value: 'warm' })),
      this.#consumersReady(),
    ]);
  }

  async #consumersReady(): Promise<void> {
    if (this.#options.warm === 'joined') {
      await until('the hooks are called', () => this.hooksCalled === this.consumers.length);
      return;
    }
    await until('each consumer has its partitions', () => this.#isShared());
    const before = this.loops.map(({ begun }) => begun);
    this.append();
    await until('each loop has had a record', () =>
      this.loops.every(({ begun }, index) => begun > (before[index] ?? 0)),
    );
  }

  #isShared(): boolean {
    const isOneGroup = this.groups[0] === this.groups[1];
    return this.consumers.every(
      (consumer) => consumer.assignment().length === (isOneGroup ? PARTITIONS / 2 : PARTITIONS),
    );
  }
}
