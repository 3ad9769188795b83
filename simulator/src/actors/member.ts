// A member of a group: joins, reads, leaves, comes back.
import { type ConsumerOptions, FencedError, type TopicPartition } from '@hopwire/client';
import type { ReaderTrack } from '../checker/readers.ts';
import type { GroupPlan, MemberPlan } from '../plan.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { Consuming, endText, type LoopEnd } from './consuming.ts';
import { decide, goesOn, judgeLoopEnd } from './loop-end.ts';
import { HookError } from './user-error.ts';

export class Member {
  readonly #world: World;
  readonly #group: GroupPlan;
  readonly #plan: MemberPlan;
  readonly #random: Random;
  #current: Consuming | null = null;
  #lives = 0;

  constructor(world: World, group: GroupPlan, plan: MemberPlan) {
    this.#world = world;
    this.#group = group;
    this.#plan = plan;
    this.#random = world.random(`member ${plan.name}`);
  }

  /** Until everybody goes home. */
  async run(): Promise<void> {
    if (this.#random.chance(0.3)) await this.#world.sleep(this.#random.skewed(10, 30_000));
    while (this.#world.phase !== 'closing') {
      const consuming = this.#begin();
      this.#current = consuming;
      // It may sleep for longer than this consumer lives.
      void this.#impatience(consuming);
      if (this.#world.plan.fickleGroups.has(this.#group.id)) void this.#fickleness(consuming);
      await this.#live(consuming);
      await this.close();
      if (this.#world.phase === 'trouble') await this.#world.sleep(this.#random.skewed(1, 10_000));
    }
  }

  /** Closes what it has now. */
  async close(): Promise<void> {
    const consuming = this.#current;
    if (!consuming) return;
    const timeoutMs = this.#world.phase === 'trouble' ? this.#random.int(0, 8_000) : 10_000;
    await consuming.close(timeoutMs, 'after the loop');
    this.#world.client(this.#plan.client).tracks.delete(consuming.track);
    if (this.#current === consuming) this.#current = null;
  }

  /** Loops over one consumer until it is closed, broken or no longer wanted. */
  async #live(consuming: Consuming): Promise<void> {
    for (;;) {
      const end = await this.#loop(consuming);
      this.#world.trace.say(`${consuming.track.name}: the loop ends, ${endText(end)}`);
      this.#judge(consuming, end);
      if (!goesOn(end) || this.#world.phase === 'closing') return;
      if (this.#world.phase === 'trouble' && this.#random.chance(0.3)) return;
      await decide(this.#world, consuming, this.#group.id, end);
    }
  }

  #judge({ track }: Consuming, end: LoopEnd): void {
    // A late JoinGroup of a former life takes the instance id back.
    if (this.#isStatic && isFenced(end)) return;
    judgeLoopEnd(this.#world, this.#world.client(this.#plan.client), track.name, end, this.#group.options);
  }

  #loop(consuming: Consuming): Promise<LoopEnd> {
    const { style } = this.#group;
    const byBatch = style === 'batches' || (style === 'both' && this.#random.chance(0.5));
    return byBatch ? consuming.batches() : consuming.records();
  }

  /** Somebody outside of the loop closes the consumer at some moment, or only waits for its assignment. */
  async #impatience(consuming: Consuming): Promise<void> {
    const random = this.#random;
    if (this.#world.phase !== 'trouble') return;
    if (random.chance(0.3)) {
      const timeoutMs = random.int(1, 10_000);
      const call = () => consuming.consumer.whenAssigned({ timeoutMs });
      await this.#world.checker.calls.watch(`${consuming.track.name}.whenAssigned`, { withinMs: timeoutMs }, call);
    }
    if (!random.chance(0.1 + 5 * this.#group.restlessness)) return;
    await this.#world.sleep(random.skewed(1, 60_000));
    if (this.#world.phase === 'trouble') await consuming.close(random.int(0, 8_000), 'from outside');
  }

  /** Somebody outside of the loop changes the topics, and in the end wants all. */
  async #fickleness(consuming: Consuming): Promise<void> {
    const random = this.#world.random(`taste of ${consuming.track.name}`);
    for (;;) {
      await this.#world.sleep(random.skewed(500, 30_000));
      if (this.#world.phase === 'closing' || this.#current !== consuming) return;
      const isCalm = this.#world.phase === 'calm';
      const topics = isCalm || random.chance(0.3) ? this.#group.topics : random.some(this.#group.topics, 0.6);
      if (topics.length === 0) continue;
      const timeoutMs = isCalm ? 5_000 : random.int(0, 8_000);
      this.#world.trace.say(`${consuming.track.name} subscribes to ${topics.join(', ')}`);
      const call = () => consuming.consumer.subscribe(topics, { timeoutMs });
      const name = `${consuming.track.name}.subscribe`;
      const settled = await this.#world.checker.calls.watch(name, { withinMs: timeoutMs }, call);
      if (isCalm && 'ok' in settled) return;
    }
  }

  get #isStatic(): boolean {
    return this.#world.plan.staticGroups.has(this.#group.id);
  }

  #begin(): Consuming {
    const { id, topics, options, restlessness } = this.#group;
    const client = this.#world.client(this.#plan.client);
    const track = this.#world.checker.reader(`${this.#plan.name}.${this.#lives++}`);
    client.tracks.add(track);
    const random = this.#world.random(`moods of ${track.name}`);
    const patience = random.chance(3 * restlessness) ? new AbortController() : null;
    const identity = this.#isStatic ? { groupId: id, groupInstanceId: this.#plan.name } : { groupId: id };
    const own = { ...options, ...identity, topics, ...this.#hooks(track, random), signal: patience?.signal };
    const consumer = client.kafka.consumer(own);
    const { commit = 'auto', maxProcessingMs = 300_000 } = options;
    const about = { name: track.name, group: id, commit, maxProcessingMs, restlessness };
    const bodies = this.#world.random(`bodies of ${track.name}`);
    const consuming = new Consuming(this.#world, consumer, track, about, bodies);
    if (patience) void this.#giveUp(consuming, patience, random.skewed(10, 60_000));
    return consuming;
  }

  async #giveUp(consuming: Consuming, patience: AbortController, afterMs: number): Promise<void> {
    await this.#world.sleep(afterMs);
    if (this.#world.phase === 'trouble') consuming.abort(patience);
  }

  #hooks(track: ReaderTrack, random: Random): Pick<ConsumerOptions, 'onAssigned' | 'onRevoked' | 'onLost'> {
    return {
      onAssigned: (partitions) => {
        for (const place of partitions) track.begin(place, null);
        return this.#hook(track, 'is assigned', partitions, random);
      },
      onRevoked: (partitions) => this.#hook(track, 'is revoked', partitions, random),
      onLost: (partitions) => this.#hook(track, 'loses', partitions, random),
    };
  }

  async #hook(track: ReaderTrack, what: string, partitions: readonly TopicPartition[], random: Random): Promise<void> {
    const text = partitions.map(({ topic, partition }) => `${topic}[${partition}]`).join(', ');
    this.#world.trace.say(`${track.name} ${what} ${text}`);
    if (this.#world.phase !== 'trouble' || !this.#random.chance(4 * this.#group.restlessness)) return;
    await this.#world.sleep(this.#random.skewed(1, 3_000));
    if (random.chance(0.1)) throw new HookError(what);
  }
}

function isFenced(end: LoopEnd): boolean {
  return typeof end === 'object' && end.error instanceof FencedError;
}
