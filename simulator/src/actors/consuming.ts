// One consumer of a user, in a loop: what it is given is checked, and what the loop's body does is drawn.
import type { Consumer, ConsumerBatch, ConsumerRecord } from '@hopwire/client';
import type { History } from '../checker/histories.ts';
import { idOf } from '../checker/histories.ts';
import type { ReaderTrack } from '../checker/readers.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import { Bodies, type BodyHost, type Verdict } from './bodies.ts';
import type { ConsumingOptions } from './consuming-options.ts';
import { messageOf, UserError } from './user-error.ts';

/** A close after the signal has at least this time. */
const LAST_MS = 60_000;

/** How a loop ended. */
export type LoopEnd = 'over' | 'left' | { readonly error: unknown };

export class Consuming implements BodyHost {
  readonly consumer: Consumer;
  readonly track: ReaderTrack;
  readonly #world: World;
  readonly #options: ConsumingOptions;
  readonly #bodies: Bodies;
  /** The earliest deadline of all closes. */
  #closedBy = Number.POSITIVE_INFINITY;
  #count = 0;

  constructor(world: World, consumer: Consumer, track: ReaderTrack, options: ConsumingOptions, random: Random) {
    this.#world = world;
    this.consumer = consumer;
    this.track = track;
    this.#options = options;
    this.#bodies = new Bodies(world, this, options, random);
  }

  /** Has anybody asked for its end? */
  get isClosed(): boolean {
    return this.#closedBy < Number.POSITIVE_INFINITY;
  }

  /** Records that it was given. */
  get count(): number {
    return this.#count;
  }

  /** A second close brings the end of the first one forward, never back. */
  async close(timeoutMs: number, where: string): Promise<void> {
    const { now } = this.#world.scheduler;
    this.#closedBy = Math.min(this.#closedBy, now + timeoutMs);
    const withinMs = Math.max(0, this.#closedBy - now);
    const label = `${this.#options.name}.close(${timeoutMs}) ${where}`;
    await this.#world.checker.calls.watch(label, { withinMs }, () => this.consumer.close({ timeoutMs }));
  }

  /** The signal that it was made with: nothing more is handed out. */
  abort(controller: AbortController): void {
    this.#closedBy = Math.min(this.#closedBy, this.#world.scheduler.now + LAST_MS);
    this.#world.trace.say(`${this.#options.name}: its signal is aborted`);
    controller.abort(new UserError('enough'));
  }

  async records(): Promise<LoopEnd> {
    try {
      for await (const record of this.consumer) {
        const history = this.#check(record);
        const verdict = await this.#owning(record, () => this.#bodies.handle(record, history));
        this.#settle(record, history, verdict);
        if (verdict === 'leave') return 'left';
      }
      return 'over';
    } catch (error) {
      return { error };
    }
  }

  async batches(): Promise<LoopEnd> {
    try {
      for await (const batch of this.consumer.batches()) {
        const end = await this.#owning(batch, () => this.#batch(batch));
        if (end === 'leave') return 'left';
      }
      return 'over';
    } catch (error) {
      return { error };
    }
  }

  /** The body's own copy of the truth: what it has just finished. */
  done(history: History | null, offset: bigint): void {
    const { group } = this.#options;
    if (group !== null && history !== null) this.#world.checker.groups.done(group, history, Number(offset));
  }

  async #batch(batch: ConsumerBatch): Promise<Verdict> {
    const records = batch.records();
    const histories = records.map((record) => this.#check(record));
    const first = records[0];
    if (!first) return 'done';
    const verdict = await this.#bodies.handle(first, histories[0] ?? null);
    if (verdict === 'done') this.#allDone(records, histories);
    else this.track.letGo(batch, this.#bodies.wasMarked(first) ? Number(first.offset) + 1 : Number(batch.offset));
    if (verdict instanceof Error) throw verdict;
    return verdict;
  }

  #allDone(records: readonly ConsumerRecord[], histories: readonly (History | null)[]): void {
    for (const [i, { offset }] of records.entries()) this.done(histories[i] ?? null, offset);
  }

  #settle(record: ConsumerRecord, history: History | null, verdict: Verdict): void {
    if (verdict === 'done') this.done(history, record.offset);
    else this.#letGo(record);
    if (verdict instanceof Error) throw verdict;
  }

  #letGo(record: ConsumerRecord): void {
    if (!this.#bodies.wasMarked(record)) this.track.letGo(record, Number(record.offset));
  }

  #check(record: ConsumerRecord): History | null {
    const id = idOf(record.value);
    const { name } = this.#options;
    this.#count++;
    if (this.isClosed)
      this.#world.checker.violate('nothing after close', `${name} is handed ${record.offset} though it was closed`);
    this.#world.trace.say(`${name} gets ${record.topic}[${record.partition}] ${record.offset} ${id}`);
    return this.track.got(record, Number(record.offset), id).history;
  }

  async #owning(what: ConsumerRecord | ConsumerBatch, work: () => Promise<Verdict>): Promise<Verdict> {
    const { group, name } = this.#options;
    if (group === null) return work();
    const { topic, partition, offset, signal } = what;
    const body = { owner: name, offset: Number(offset), sinceMs: this.#world.scheduler.now, signal };
    const leave = this.#world.checker.owners.enter(group, topic, partition, body);
    try {
      return await work();
    } finally {
      leave();
      this.#world.trace.say(`${name} is through with ${topic}[${partition}] ${offset}`);
    }
  }
}

/** A line of the trace for the end of a loop. */
export function endText(end: LoopEnd): string {
  return typeof end === 'string' ? end : `failed: ${messageOf(end.error)}`;
}
