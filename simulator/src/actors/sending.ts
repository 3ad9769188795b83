// One user of one producer: sends, waits or not, loses patience, flushes, closes, starts again.
import type { Producer, ProducerRecord, RecordMetadata } from '@hopwire/client';
import type { Settled } from '../checker/calls.ts';
import type { SentRecord } from '../checker/sends.ts';
import type { ProducerPlan } from '../plan.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { SimClient } from './sim-client.ts';
import { messageOf, UserError } from './user-error.ts';

const PADDING = [0, 0, 10, 100, 300] as const;
const DEFAULT_DELIVERY_MS = 120_000;

/** How long a user waits for one call. */
interface Patience {
  readonly timeoutMs?: number;
  readonly abortAfterMs?: number;
}

export class Sending {
  readonly #world: World;
  readonly #plan: ProducerPlan;
  readonly #client: SimClient;
  readonly #random: Random;
  readonly #open = new Set<Promise<void>>();
  #producer: Producer;
  #name = '';
  #lives = 0;
  #sequence = 0;

  constructor(world: World, plan: ProducerPlan) {
    this.#world = world;
    this.#plan = plan;
    this.#client = world.client(plan.client);
    this.#random = world.random(`producer ${plan.name}`);
    this.#producer = this.#begin();
  }

  /** Until everybody goes home. */
  async run(): Promise<void> {
    while (this.#world.phase === 'trouble') {
      await this.#step();
      await this.#world.sleep(this.#random.waiting(this.#plan.everyMs));
      if (this.#random.chance(this.#plan.restlessness)) await this.#somethingElse();
    }
    // When the weather has cleared, whoever sends is heard.
    await this.#send(this.#record(), {});
    await Promise.all(this.#open);
  }

  async close(): Promise<void> {
    const timeoutMs = this.#random.int(2_000, 10_000);
    const options = { withinMs: timeoutMs };
    await this.#world.checker.calls.watch(`${this.#name}.close`, options, () => this.#producer.close({ timeoutMs }));
    await Promise.all(this.#open);
    const { bufferedBytes } = this.#producer;
    if (bufferedBytes > 0) {
      this.#world.checker.violate('nothing is left', `${this.#name}: ${bufferedBytes} bytes are left after close`);
    }
  }

  #begin(): Producer {
    this.#name = `${this.#plan.name}.${this.#lives++}`;
    this.#sequence = 0;
    this.#world.checker.sends.producer(this.#name, { isIdempotent: this.#plan.options.idempotence ?? true });
    return this.#client.kafka.producer({ ...this.#plan.options, ...this.#partitioner() });
  }

  #partitioner(): { partitioner?: () => number } {
    if (!this.#random.chance(0.1)) return {};
    const random = this.#world.random(`partitioner ${this.#name}`);
    return {
      partitioner: () => {
        if (random.chance(0.05)) throw new UserError('the partitioner');
        return 0;
      },
    };
  }

  async #step(): Promise<void> {
    const { style } = this.#plan;
    if (style === 'enqueue') return this.#enqueue();
    if (style === 'many') {
      const burst = Array.from({ length: this.#random.int(1, 20) }, () => this.#record());
      for (const record of burst) this.#track(this.#send(record, this.#patience()));
      return;
    }
    const sent = this.#send(this.#record(), this.#patience());
    if (style === 'awaited') await sent;
    else this.#track(sent);
  }

  #track(sent: Promise<void>): void {
    this.#open.add(sent);
    void sent.then(() => this.#open.delete(sent));
  }

  #record(): ProducerRecord & { id: string } {
    const random = this.#random;
    const topic = random.pick(this.#plan.topics);
    const id = `${this.#name}:${this.#sequence++}`;
    const value = `${id} ${'.'.repeat(random.pick(PADDING))}`;
    const partitions = this.#world.plan.topics[topic] ?? 1;
    const target = random.chance(0.4)
      ? { partition: random.int(0, partitions - 1) }
      : random.chance(0.5)
        ? { key: `k${random.int(0, 9)}` }
        : {};
    return { topic, value, id, ...target };
  }

  /** Most users wait as long as the producer does; some have a deadline or a signal of their own. */
  #patience(): Patience {
    const random = this.#random;
    if (random.chance(0.85)) return {};
    const ms = Math.round(random.skewed(1, 20_000));
    return random.chance(0.5) ? { timeoutMs: ms } : { abortAfterMs: ms };
  }

  async #send(record: ProducerRecord & { id: string }, patience: Patience): Promise<void> {
    const { checker, scheduler } = this.#world;
    const { id, ...message } = record;
    const sent = checker.sends.sent(id, record.topic);
    const { timeoutMs, abortAfterMs } = patience;
    const abort = abortAfterMs === undefined ? null : new AbortController();
    const aborting =
      abort && scheduler.after(abortAfterMs ?? 0, 'timer', 'client', () => abort.abort(new UserError('patience')));
    const own = timeoutMs ?? abortAfterMs ?? Number.POSITIVE_INFINITY;
    const withinMs = Math.min(own, this.#plan.options.deliveryTimeoutMs ?? DEFAULT_DELIVERY_MS);
    const signal = abort?.signal;
    const waiting = signal || timeoutMs !== undefined ? { signal, timeoutMs } : undefined;
    const settled = await checker.calls.watch(`send ${id}`, { withinMs, signal }, () =>
      this.#producer.send(message, waiting),
    );
    if (aborting) aborting.isCancelled = true;
    this.#judge(sent, settled);
  }

  #judge(sent: SentRecord, settled: Settled<RecordMetadata>): void {
    const { checker, trace } = this.#world;
    if ('ok' in settled) {
      const { partition, offset } = settled.ok;
      trace.say(`${sent.id} is acknowledged at ${sent.topic}[${partition}] ${offset}`);
      checker.sends.delivered(sent, partition, Number(offset));
      return;
    }
    const { error } = settled;
    trace.say(`${sent.id} is rejected: ${messageOf(error)}`);
    if (error instanceof Error && 'outcome' in error && error.outcome === 'no')
      checker.sends.notWritten(sent, error.message);
    else checker.sends.unknown(sent);
  }

  #enqueue(): void {
    const { id, ...record } = this.#record();
    const sent = this.#world.checker.sends.sent(id, record.topic);
    const { sends } = this.#world.checker;
    try {
      if (this.#producer.enqueue(record)) sends.unknown(sent);
      else sends.notWritten(sent, 'the buffer is full');
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      sends.notWritten(sent, 'the partitioner threw');
    }
  }

  async #somethingElse(): Promise<void> {
    const { calls } = this.#world.checker;
    const timeoutMs = this.#random.int(1, 5_000);
    const choice = this.#random.int(0, 4);
    if (choice <= 1) {
      await calls.watch(`${this.#name}.flush`, { withinMs: timeoutMs }, () => this.#producer.flush({ timeoutMs }));
    } else if (choice === 2) {
      await calls.watch(`${this.#name}.ready`, { withinMs: timeoutMs }, () => this.#producer.ready({ timeoutMs }));
    } else if (choice === 3) {
      const topic = this.#random.pick(this.#plan.topics);
      const call = () => this.#producer.partitionsFor(topic, { timeoutMs });
      await calls.watch(`${this.#name}.partitionsFor`, { withinMs: timeoutMs }, call);
    } else {
      const old = { name: this.#name, producer: this.#producer };
      const closing = calls.watch(`${old.name}.close`, { withinMs: timeoutMs }, () =>
        old.producer.close({ timeoutMs }),
      );
      this.#producer = this.#begin();
      if (this.#random.chance(0.5)) await closing;
    }
  }
}
