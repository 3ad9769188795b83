// A user of the admin client: makes topics of its own and takes them away, and looks at things.
import type { Admin } from '@hopwire/client';
import type { Settled } from '../checker/calls.ts';
import type { AdminPlan } from '../plan.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

export class Administrator {
  readonly #world: World;
  readonly #name: string;
  readonly #random: Random;
  readonly #admin: Admin;
  #topics = 0;

  constructor(world: World, plan: AdminPlan) {
    this.#world = world;
    this.#name = plan.name;
    this.#random = world.random(`admin ${plan.name}`);
    this.#admin = world.client(plan.client).kafka.admin();
  }

  async run(): Promise<void> {
    while (this.#world.phase === 'trouble') {
      await this.#world.sleep(this.#random.waiting(3_000));
      await this.#step();
    }
  }

  async close(): Promise<void> {
    await this.#call('close', 5_000, () => this.#admin.close());
  }

  async #step(): Promise<void> {
    switch (this.#random.int(0, 4)) {
      case 0:
        return this.#comeAndGo();
      case 1:
        await this.#call('listTopics', this.#patience(), (timeoutMs) => this.#admin.listTopics({ timeoutMs }));
        return;
      case 2:
        return this.#describe();
      case 3:
        return this.#offsets();
      default:
        return this.#committed();
    }
  }

  /** Nobody else knows this name: what is said about it has to be what we did. */
  async #comeAndGo(): Promise<void> {
    const topic = `${this.#name}-own-${this.#topics++}`;
    const made = await this.#call('createTopics', this.#patience(), (timeoutMs) =>
      this.#admin.createTopics([{ topic, partitions: 2, replicationFactor: 1 }], { timeoutMs }),
    );
    const creation = 'ok' in made ? made.ok.get(topic) : undefined;
    if (creation && 'error' in creation) this.#surprise('createTopics', topic, creation.error, 'TOPIC_ALREADY_EXISTS');
    if (!creation || !('ok' in creation)) return;
    this.#mustExist(topic);
    const gone = await this.#call('deleteTopics', this.#patience(), (timeoutMs) =>
      this.#admin.deleteTopics([topic], { timeoutMs }),
    );
    const deletion = 'ok' in gone ? gone.ok.get(topic) : undefined;
    if (deletion && 'error' in deletion) {
      this.#surprise('deleteTopics', topic, deletion.error, 'UNKNOWN_TOPIC_OR_PARTITION');
    }
  }

  #mustExist(topic: string): void {
    if (this.#world.broker.topicNames().includes(topic)) return;
    this.#world.checker.violate('admin tells the truth', `${this.#name}: ${topic} was created, but is not there`);
  }

  #surprise(call: string, topic: string, error: unknown, code: string): void {
    if (!(error instanceof Error && 'code' in error && error.code === code)) return;
    this.#world.checker.violate(
      'admin tells the truth',
      `${this.#name}.${call} ${topic}: ${code}, though it is our own`,
    );
  }

  async #describe(): Promise<void> {
    const names = Object.keys(this.#world.plan.topics);
    const call = (timeoutMs: number) => this.#admin.describeTopics(names, { timeoutMs });
    await this.#call('describeTopics', this.#patience(), call);
  }

  async #offsets(): Promise<void> {
    const topic = this.#random.pick(Object.keys(this.#world.plan.topics));
    const before = this.#endOf(topic);
    const found = await this.#call('listOffsets', this.#patience(), (timeoutMs) =>
      this.#admin.listOffsets([{ topic, partition: 0, at: 'latest' }], { timeoutMs }),
    );
    const outcome = 'ok' in found ? found.ok[0] : undefined;
    if (!outcome || !('ok' in outcome)) return;
    const after = this.#endOf(topic);
    const offset = Number(outcome.ok.offset);
    // A topic that was made anew or cut meanwhile has had several ends.
    const isSteady = before !== null && after !== null && before.topicId === after.topicId && before.end <= after.end;
    if (!isSteady || (offset >= before.end && offset <= after.end)) return;
    const range = `${before.end}..${after.end}`;
    this.#world.checker.violate(
      'admin tells the truth',
      `${this.#name}: the end of ${topic}[0] is ${range}, not ${offset}`,
    );
  }

  #endOf(topic: string): { end: number; topicId: string } | null {
    const { broker } = this.#world;
    if (!broker.topicNames().includes(topic)) return null;
    return { end: Number(broker.offsets(topic, 0).end), topicId: broker.topicId(topic) };
  }

  async #committed(): Promise<void> {
    const group = this.#world.plan.groups[0]?.id ?? 'nobody';
    const call = (timeoutMs: number) => this.#admin.committedOffsets(group, { timeoutMs });
    await this.#call('committedOffsets', this.#patience(), call);
  }

  #patience(): number {
    return Math.round(this.#random.skewed(10, 30_000));
  }

  #call<T>(what: string, withinMs: number, call: (timeoutMs: number) => Promise<T>): Promise<Settled<T>> {
    const name = `${this.#name}.${what}(${withinMs})`;
    return this.#world.checker.calls.watch(name, { withinMs }, () => call(withinMs));
  }
}
