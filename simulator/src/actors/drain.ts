// A user who reads a topic to its end, as a command does, and begins again.
import type { TopicPartition } from '@hopwire/client';
import type { History } from '../checker/histories.ts';
import type { ReaderTrack } from '../checker/readers.ts';
import type { DrainPlan } from '../plan.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { Consuming, endText } from './consuming.ts';
import { judgeLoopEnd } from './loop-end.ts';

/** One partition when the loop began. */
interface Mark {
  readonly history: History;
  readonly end: number;
  readonly cuts: number;
}

export class Drain {
  readonly #world: World;
  readonly #plan: DrainPlan;
  readonly #random: Random;
  #current: Consuming | null = null;
  #lives = 0;
  #isThrough = false;

  constructor(world: World, plan: DrainPlan) {
    this.#world = world;
    this.#plan = plan;
    this.#random = world.random(`drain ${plan.name}`);
  }

  /** Until one that began in the calm is through. */
  async run(): Promise<void> {
    while (this.#world.phase !== 'closing' && !this.#isThrough) {
      const isCalm = this.#world.phase === 'calm';
      const isOver = await this.#once();
      this.#isThrough = isCalm && isOver;
      if (this.#world.phase === 'trouble') await this.#world.sleep(this.#random.skewed(100, 10_000));
    }
  }

  async close(): Promise<void> {
    await this.#current?.close(this.#world.phase === 'trouble' ? this.#random.int(0, 5_000) : 10_000, 'a drain');
  }

  /** What it still owes at the end. */
  behind(): string[] {
    return this.#isThrough ? [] : [`${this.#plan.name} has not come to the end of ${this.#plan.topic}`];
  }

  /** @returns has it come to the end? */
  async #once(): Promise<boolean> {
    const { name, topic, options, client } = this.#plan;
    const track = this.#world.checker.reader(`${name}.${this.#lives++}`);
    const owner = this.#world.client(client);
    owner.tracks.add(track);
    const marks = this.#marks();
    // A topic that was away for a while comes back as a new one.
    const onAssigned = (came: readonly TopicPartition[]): void => {
      for (const where of came) track.begin(where, null);
    };
    const consumer = owner.kafka.consumer({ ...options, topics: [topic], onAssigned });
    const about = { name: track.name, group: null, commit: 'manual', maxProcessingMs: 5_000, restlessness: 0 } as const;
    const consuming = new Consuming(this.#world, consumer, track, about, this.#world.random(`bodies of ${track.name}`));
    this.#current = consuming;
    if (this.#world.phase === 'trouble' && this.#random.chance(0.2)) void this.#impatience(consuming);
    const end = await consuming.records();
    this.#world.trace.say(`${track.name}: the loop ends, ${endText(end)}`);
    judgeLoopEnd(this.#world, owner, track.name, end, options);
    const isOver = end === 'over' && !consuming.isClosed;
    if (isOver) this.#check(track, consuming.count, marks);
    await this.close();
    owner.tracks.delete(track);
    return isOver;
  }

  async #impatience(consuming: Consuming): Promise<void> {
    await this.#world.sleep(this.#random.skewed(1, 20_000));
    if (this.#world.phase === 'trouble') await consuming.close(this.#random.int(0, 5_000), 'from outside');
  }

  #marks(): Mark[] {
    return this.#world.checker.histories
      .living()
      .filter(({ topic }) => topic === this.#plan.topic)
      .map((history) => ({ history, end: history.end, cuts: history.cuts.length }));
  }

  /** Everything that was there when it began was read, or the limit is reached. */
  #check(track: ReaderTrack, count: number, marks: readonly Mark[]): void {
    const { limit = Number.POSITIVE_INFINITY } = this.#plan.options;
    if (count > limit) this.#world.checker.violate('no more than the limit', `${track.name} got ${count} of ${limit}`);
    if (count >= limit) return;
    for (const { history, end, cuts } of marks) {
      if (history.isDropped || history.cuts.length > cuts) continue;
      const next = Math.max(track.reading(history).next ?? 0, history.start);
      if (next < end)
        this.#world.checker.violate('until the end', `${track.name} ended at ${next} of ${end} in ${history.name}`);
    }
  }
}
