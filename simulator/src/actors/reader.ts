// A consumer without a group: reads all partitions of a topic that it names itself.
import type { PartitionStart } from '@hopwire/client';
import type { ReaderPlan } from '../plan.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { Consuming, endText } from './consuming.ts';
import { judgeLoopEnd } from './loop-end.ts';
import { UserError } from './user-error.ts';

export class ManualReader {
  readonly #world: World;
  readonly #plan: ReaderPlan;
  readonly #random: Random;
  #current: Consuming | null = null;
  #lives = 0;

  constructor(world: World, plan: ReaderPlan) {
    this.#world = world;
    this.#plan = plan;
    this.#random = world.random(`reader ${plan.name}`);
  }

  async run(): Promise<void> {
    while (this.#world.phase !== 'closing') {
      const consuming = this.#begin();
      this.#current = consuming;
      // It may sleep for longer than this consumer lives.
      void this.#impatience(consuming);
      await this.#live(consuming);
      await this.close();
      if (this.#world.phase === 'trouble') await this.#world.sleep(this.#random.skewed(1, 10_000));
    }
  }

  async close(): Promise<void> {
    const consuming = this.#current;
    if (!consuming) return;
    const timeoutMs = this.#world.phase === 'trouble' ? this.#random.int(0, 5_000) : 10_000;
    await consuming.close(timeoutMs, 'after the loop');
    this.#world.client(this.#plan.client).tracks.delete(consuming.track);
    if (this.#current === consuming) this.#current = null;
  }

  /** Partitions it has not read to their end, as text. */
  behind(): string[] {
    const { checker } = this.#world;
    const track = this.#current?.track;
    if (!track) return [`${this.#plan.name} does not read`];
    return checker.histories
      .living()
      .filter(({ topic, partition }) => topic === this.#plan.topic && partition < this.#partitions)
      .filter((history) => Math.max(track.reading(history).next ?? 0, history.start) < history.end)
      .map(
        ({ name, end, topic, partition }) =>
          `${track.name} is at ${track.reading({ topic, partition }).next} of ${end} in ${name}`,
      );
  }

  get #partitions(): number {
    return this.#world.plan.topics[this.#plan.topic] ?? 1;
  }

  async #live(consuming: Consuming): Promise<void> {
    for (;;) {
      const end = this.#random.chance(0.2) ? await consuming.batches() : await consuming.records();
      this.#world.trace.say(`${consuming.track.name}: the loop ends, ${endText(end)}`);
      judgeLoopEnd(this.#world, this.#world.client(this.#plan.client), consuming.track.name, end, this.#plan.options);
      const goesOn = end === 'left' || (typeof end === 'object' && end.error instanceof UserError);
      if (!goesOn || this.#world.phase === 'closing') return;
    }
  }

  async #impatience(consuming: Consuming): Promise<void> {
    if (this.#world.phase !== 'trouble' || !this.#random.chance(0.1 + 5 * this.#plan.restlessness)) return;
    await this.#world.sleep(this.#random.skewed(1, 60_000));
    if (this.#world.phase === 'trouble') await consuming.close(this.#random.int(0, 5_000), 'from outside');
  }

  #begin(): Consuming {
    const { topic, options, restlessness, name } = this.#plan;
    const client = this.#world.client(this.#plan.client);
    const track = this.#world.checker.reader(`${name}.${this.#lives++}`);
    client.tracks.add(track);
    const assign = Array.from({ length: this.#partitions }, (_, partition) => this.#start(topic, partition));
    for (const { partition, offset } of assign) track.begin({ topic, partition }, this.#firstOf(offset));
    const consumer = client.kafka.consumer({ ...options, assign });
    const own = { name: track.name, group: null, commit: 'manual', maxProcessingMs: 5_000, restlessness } as const;
    return new Consuming(this.#world, consumer, track, own, this.#world.random(`bodies of ${track.name}`));
  }

  #start(topic: string, partition: number): PartitionStart {
    const history = this.#world.checker.histories.all(topic, partition).at(-1);
    const offset =
      history && this.#random.chance(0.3) ? BigInt(this.#random.int(history.start, history.end)) : 'earliest';
    return { topic, partition, offset };
  }

  /** Where the first record has to be; null where retention may move the beginning. */
  #firstOf(offset: PartitionStart['offset']): number | null {
    if (typeof offset === 'bigint') return Number(offset);
    const { troubles } = this.#world.plan;
    return troubles.has('retention') || troubles.has('topics made anew') ? null : 0;
  }
}
