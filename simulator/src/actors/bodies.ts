// What the body of a user's loop does with a record: mostly its work, sometimes something stupid.
import type { Consumer, ConsumerRecord, TopicPartitionOffset } from '@hopwire/client';
import type { History } from '../checker/histories.ts';
import type { ReaderTrack } from '../checker/readers.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { ConsumingOptions } from './consuming-options.ts';
import { UserError } from './user-error.ts';

/** `done`: go on; `leave`: break out of the loop; an error: throw it. */
export type Verdict = 'done' | 'leave' | Error;

/** Whose loop it is. */
export interface BodyHost {
  readonly consumer: Consumer;
  readonly track: ReaderTrack;
  close(timeoutMs: number, where: string): Promise<void>;
  done(history: History | null, offset: bigint): void;
}

export class Bodies {
  readonly #world: World;
  readonly #consuming: BodyHost;
  readonly #options: ConsumingOptions;
  readonly #random: Random;
  #marked: ConsumerRecord | null = null;

  constructor(world: World, consuming: BodyHost, options: ConsumingOptions, random: Random) {
    this.#world = world;
    this.#consuming = consuming;
    this.#options = options;
    this.#random = random;
  }

  wasMarked(record: ConsumerRecord): boolean {
    return this.#marked === record;
  }

  async handle(record: ConsumerRecord, history: History | null): Promise<Verdict> {
    await this.#work(record.signal);
    if (this.#world.phase !== 'trouble') return 'done';
    if (this.#options.commit === 'manual' && this.#random.chance(0.2)) await this.#commitOneself(record, history);
    if (!this.#random.chance(this.#options.restlessness)) return 'done';
    return this.#somethingElse(record, history);
  }

  /** Takes its time: none, some, too much. */
  async #work(signal: AbortSignal): Promise<void> {
    const random = this.#random;
    if (this.#world.phase !== 'trouble' || random.chance(0.7)) return;
    const tooLong = this.#options.restlessness > 0 && random.chance(0.01);
    const ms = tooLong ? random.between(0.5, 2) * this.#options.maxProcessingMs : random.skewed(1, 500);
    await this.#world.sleep(ms);
    if (signal.aborted) this.#world.trace.say(`${this.#options.name} sees that its record was taken away`);
  }

  async #somethingElse(record: ConsumerRecord, history: History | null): Promise<Verdict> {
    switch (this.#random.int(0, 9)) {
      case 0:
        return new UserError('the body');
      case 1:
      case 2:
        return 'leave';
      case 3:
        this.#consuming.done(history, record.offset);
        this.#marked = record;
        this.#consuming.consumer.markDone(record);
        return this.#random.chance(0.5) ? 'done' : 'leave';
      case 4:
        await this.#seek(record, history);
        return 'done';
      case 5:
        this.#pause(record);
        return 'done';
      case 6:
        await this.#close();
        return 'done';
      case 7:
        this.#look(record);
        return 'done';
      case 8:
        await this.#committed(record);
        return 'done';
      default:
        await this.#commit();
        return 'done';
    }
  }

  /** By hand: all that is done, or the record at work by its offset, even if it was taken away meanwhile. */
  async #commitOneself(record: ConsumerRecord, history: History | null): Promise<void> {
    const { topic, partition, offset } = record;
    // The offset would be one of the new topic, and the client cannot know.
    if (this.#random.chance(0.5) || history?.isDropped !== false) return this.#commit();
    this.#consuming.done(history, offset);
    this.#marked = record;
    this.#consuming.consumer.markDone(record);
    await this.#commit([{ topic, partition, offset: offset + 1n }]);
  }

  async #commit(offsets?: readonly TopicPartitionOffset[]): Promise<void> {
    if (this.#options.group === null) return;
    const timeoutMs = this.#random.int(1, 4_000);
    await this.#call('commit', timeoutMs, () => this.#consuming.consumer.commit(offsets, { timeoutMs }));
  }

  async #committed({ topic, partition }: ConsumerRecord): Promise<void> {
    if (this.#options.group === null) return;
    const timeoutMs = this.#random.int(1, 4_000);
    const where = [{ topic, partition }];
    await this.#call('committed', timeoutMs, () => this.#consuming.consumer.committed(where, { timeoutMs }));
  }

  async #close(): Promise<void> {
    const timeoutMs = this.#random.int(0, 3_000);
    const closed = this.#consuming.close(timeoutMs, 'in the body');
    if (this.#random.chance(0.5)) await closed;
  }

  /** To any record that is there. */
  async #seek(record: ConsumerRecord, history: History | null): Promise<void> {
    if (history === null || record.signal.aborted) return;
    const to = this.#random.int(history.start, history.end);
    const { group, name } = this.#options;
    const { topic, partition, offset } = record;
    this.#world.trace.say(`${name} seeks ${topic}[${partition}] from ${offset} to ${to}`);
    if (group !== null) this.#world.checker.groups.userMoves(group, history, Number(offset), to);
    this.#consuming.track.begin(record, to);
    await this.#call('seek', 5_000, () => this.#consuming.consumer.seek({ topic, partition, offset: BigInt(to) }));
  }

  #pause({ topic, partition }: ConsumerRecord): void {
    const { consumer } = this.#consuming;
    const where = [{ topic, partition }];
    ifOurs(() => consumer.pause(where));
    this.#world.scheduler.after(this.#random.skewed(10, 8_000), 'timer', 'client', () =>
      ifOurs(() => consumer.resume(where)),
    );
  }

  #look({ topic, partition }: ConsumerRecord): void {
    const { consumer } = this.#consuming;
    ifOurs(() => consumer.position({ topic, partition }));
    ifOurs(() => consumer.lag({ topic, partition }));
    consumer.assignment();
  }

  async #call(what: string, withinMs: number, call: () => Promise<unknown>): Promise<void> {
    await this.#world.checker.calls.watch(`${this.#options.name}.${what}`, { withinMs }, call);
  }
}

/** The partition may have been taken away: that is said by a RangeError. */
function ifOurs(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}
