// One seed from the first dial to the last timer.
import { TestBroker } from '@hopwire/test-broker';
import { Administrator } from './actors/administrator.ts';
import { Drain } from './actors/drain.ts';
import { Member } from './actors/member.ts';
import { ManualReader } from './actors/reader.ts';
import { Sending } from './actors/sending.ts';
import { SimClient } from './actors/sim-client.ts';
import { Checker } from './checker/checker.ts';
import type { Violation } from './checker/violation.ts';
import { Escapes } from './escapes.ts';
import { SimNetwork } from './network/sim-network.ts';
import { type Plan, planFor } from './plan.ts';
import { ProcessWatch } from './process-watch.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { installSeam, type Seam } from './seam.ts';
import { Trace } from './trace.ts';
import { RequestRules } from './trouble/request-rules.ts';
import { Weather } from './trouble/weather.ts';
import { World } from './world.ts';

/** Events of one seed; more is an endless loop. */
const MOST_EVENTS = 3_000_000;
const KEPT_LINES = 2_000;
/** After the weather has cleared: sessions and requests of before have to run out first. */
const PROGRESS_MS = 45_000;
const LOOK_EVERY_MS = 250;
/** Members that a lie of the coordinator drove out of their group are given up by then. */
const CALM_MS = 15_000;

export interface Result {
  readonly seed: number;
  readonly violation: Violation | null;
  /** Of everything that happened. */
  readonly digest: string;
  readonly virtualMs: number;
  readonly events: number;
  readonly requests: number;
  readonly records: number;
  readonly acknowledged: number;
  readonly met: Readonly<Record<string, number>>;
  /** The last lines of the trace. */
  readonly tail: readonly string[];
}

/** Somebody who has to come to the end of something. */
interface Owing {
  /** What is missing, as text. */
  behind(): string[];
}

export interface SimulationOptions {
  /** Prints the trace as it grows. */
  readonly live?: (line: string) => void;
  readonly plan?: Plan;
}

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<Result> {
  const simulation = new Simulation(seed, options);
  return simulation.run();
}

class Simulation {
  readonly #seed: number;
  readonly #scheduler = new Scheduler({ mostEvents: MOST_EVENTS });
  readonly #trace: Trace;
  readonly #checker: Checker;
  readonly #network: SimNetwork;
  readonly #seam: Seam;
  readonly #plan: Plan;
  #world: World | null = null;

  constructor(seed: number, options: SimulationOptions) {
    this.#seed = seed;
    this.#trace = new Trace(() => this.#scheduler.now, KEPT_LINES);
    this.#trace.live = options.live ?? null;
    this.#checker = new Checker(this.#scheduler, this.#trace);
    this.#network = new SimNetwork(this.#scheduler, this.#random('network'), this.#trace);
    const random = { client: this.#random('client'), cluster: this.#random('cluster') };
    this.#seam = installSeam(this.#scheduler, this.#network, random);
    this.#plan = options.plan ?? planFor(this.#random('plan'));
  }

  async run(): Promise<Result> {
    const { violate } = this.#checker;
    const escapes = new Escapes((name, stack) => violate('nothing escapes the seam', `${name} was called\n${stack}`));
    const watch = new ProcessWatch(violate);
    this.#scheduler.onThrown = (error) => violate('nothing is thrown into the event loop', textOf(error));
    this.#scheduler.onPass = (isOurs) => {
      escapes.isWatching = isOurs;
    };
    this.#scheduler.after(0, 'timer', 'world', () => void this.#story());
    const ended = await this.#scheduler.run();
    if (ended !== 'done') violate('everything ends', `${ended}; open: ${this.#checker.calls.open.join(', ')}`);
    watch.end();
    escapes.end();
    this.#seam.end();
    return this.#result();
  }

  async #story(): Promise<void> {
    try {
      await this.#begin();
      await this.#act();
    } catch (error) {
      this.#checker.violate('the simulator itself', textOf(error));
    }
    this.#scheduler.halt();
  }

  async #begin(): Promise<void> {
    const { histories, groups } = this.#checker;
    this.#network.onSent = (bytes) => groups.sent.look(bytes);
    const broker = await TestBroker.start({
      brokers: 3,
      topics: this.#plan.topics,
      autoCreateTopics: false,
      onAppend: (append) => histories.append(append),
      onCommit: (commit) => groups.committed(commit),
    });
    const parts = { seed: this.#seed, plan: this.#plan, scheduler: this.#scheduler, trace: this.#trace };
    const world = new World({ ...parts, network: this.#network, checker: this.#checker, broker });
    const { trace } = parts;
    for (const index of this.#plan.clients.keys()) world.clients.push(new SimClient(world, index));
    trace.say(
      `plan ${JSON.stringify(this.#plan, (_key, value: unknown) => (value instanceof Set ? [...value] : value))}`,
    );
    for (const [topic, count] of Object.entries(this.#plan.topics)) histories.made(topic, broker.topicId(topic), count);
    for (const { id, options } of this.#plan.groups) if (options.startAt === 'latest') groups.beginsLate(id);
    this.#world = world;
  }

  async #act(): Promise<void> {
    const world = this.#requireWorld();
    const { plan } = world;
    const senders = plan.producers.map((one) => new Sending(world, one));
    const members = plan.groups.flatMap((group) => group.members.map((one) => new Member(world, group, one)));
    const readers = plan.readers.map((one) => new ManualReader(world, one));
    const drains = plan.drains.map((one) => new Drain(world, one));
    const admins = plan.admins.map((one) => new Administrator(world, one));
    const actors = [...senders, ...members, ...readers, ...drains, ...admins];
    const weather = new Weather(world, new RequestRules(world)).run();
    const reading = [...members, ...readers, ...drains].map((actor) => actor.run());
    const acting = [...senders, ...admins].map((actor) => actor.run());
    await weather;
    world.phase = 'calm';
    const leftBefore = new Set(world.clients.flatMap(({ left }) => [...left]));
    await Promise.all(acting);
    await this.#progress([...readers, ...drains]);
    world.phase = 'closing';
    await Promise.all([...actors.map((actor) => actor.close()), ...reading]);
    await this.#leave(world, leftBefore);
  }

  /** Everything that was acknowledged reaches everybody. */
  async #progress(readers: readonly Owing[]): Promise<void> {
    const deadline = this.#scheduler.now + PROGRESS_MS;
    await this.#scheduler.sleep(CALM_MS);
    let owed = this.#owed(readers);
    while (owed.length > 0 && this.#scheduler.now < deadline) {
      await this.#scheduler.sleep(LOOK_EVERY_MS);
      owed = this.#owed(readers);
    }
    if (owed.length === 0) return;
    this.#checker.violate('everything progresses', `${PROGRESS_MS} ms after the weather cleared: ${owed.join('; ')}`);
  }

  #owed(readers: readonly Owing[]): string[] {
    const { groups, histories } = this.#checker;
    const ofGroups = this.#plan.groups.flatMap(({ id, topics }) =>
      histories
        .living()
        .filter(({ topic }) => topics.includes(topic))
        .map((history) => ({ id, history, owed: groups.owed(id, history) }))
        .filter(({ owed }) => owed.length > 0)
        .map(({ history, owed }) => `${id} owes ${history.name} ${owed.slice(0, 5).join(' ')} (${owed.length})`),
    );
    return [...ofGroups, ...readers.flatMap((reader) => reader.behind())];
  }

  /**
   * After everything was closed nothing is left.
   *
   * @param leftBefore ids of members that went in trouble: a coordinator may have known nothing of it, and keeps one that
   * waits in a rebalance until a session after that
   */
  async #leave(world: World, leftBefore: ReadonlySet<string>): Promise<void> {
    const { violate, calls } = this.#checker;
    for (const client of world.clients) {
      await calls.watch(`${client.name}.close`, { withinMs: 10_000 }, () => client.kafka.close({ timeoutMs: 10_000 }));
    }
    await world.sleep(100);
    const timers = this.#seam.clientTimers.pending();
    if (timers.length > 0) violate('nothing is left', `${timers.length} timers: ${timers[0]}`);
    const sockets = this.#network.open();
    if (sockets.length > 0)
      violate('nothing is left', `open sockets: ${sockets.map(({ number }) => `#${number}`).join(' ')}`);
    for (const { id } of this.#plan.groups) {
      // A static member stays until its session ends.
      if (this.#plan.staticGroups.has(id)) continue;
      const members = world.broker.group(id)?.memberIds.filter((one) => !leftBefore.has(one)) ?? [];
      if (members.length > 0) violate('nothing is left', `group ${id} still has ${members.join(', ')}`);
    }
  }

  #requireWorld(): World {
    if (!this.#world) throw new TypeError('the world has not begun');
    return this.#world;
  }

  #random(purpose: string): Random {
    return new Random(this.#seed, purpose);
  }

  #result(): Result {
    const { violation, rates, sends } = this.#checker;
    return {
      seed: this.#seed,
      violation,
      digest: this.#trace.digest(),
      virtualMs: this.#scheduler.now,
      events: this.#scheduler.steps,
      requests: rates.total,
      records: sends.count,
      acknowledged: sends.acknowledged,
      met: Object.fromEntries(this.#world?.met ?? []),
      tail: violation ? this.#trace.tail(KEPT_LINES) : [],
    };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
