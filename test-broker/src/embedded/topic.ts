// Topics and their partitions, as the cluster keeps them.
import { clock } from './clock.ts';
import { PartitionLog } from './partition-log.ts';
import { ProducerStates } from './producers.ts';

const LONGEST_NAME = 249;

/** Kafka's defaults of the settings that have an effect here. */
export const settingDefaults: ReadonlyMap<string, string> = new Map([
  ['cleanup.policy', 'delete'],
  ['max.message.bytes', '1048588'],
  ['message.timestamp.type', 'CreateTime'],
  ['min.insync.replicas', '1'],
]);

/** One partition: who leads it, and what is in it. */
export class Partition {
  readonly topic: Topic;
  readonly index: number;
  readonly replicas: readonly number[];
  readonly log: PartitionLog = new PartitionLog();
  readonly producers: ProducerStates = new ProducerStates();
  leaderId: number;
  leaderEpoch = 0;

  constructor(topic: Topic, index: number, replicas: readonly number[]) {
    this.topic = topic;
    this.index = index;
    this.replicas = replicas;
    this.leaderId = replicas[0] ?? -1;
    this.log.beginEpoch(this.leaderEpoch);
  }

  moveTo(leaderId: number): void {
    this.leaderId = leaderId;
    this.leaderEpoch++;
    this.log.beginEpoch(this.leaderEpoch);
  }
}

/** A topic with its id, its configuration and its partitions. */
export class Topic {
  readonly name: string;
  readonly id: string = newTopicId();
  readonly configs: ReadonlyMap<string, string | null>;
  readonly #partitions: Partition[];

  constructor(name: string, replicas: readonly (readonly number[])[], configs: ReadonlyMap<string, string | null>) {
    this.name = name;
    this.configs = configs;
    this.#partitions = replicas.map((nodes, index) => new Partition(this, index, nodes));
  }

  get partitions(): readonly Partition[] {
    return this.#partitions;
  }

  /** Partitions that are not there yet are added. */
  grow(replicas: readonly (readonly number[])[]): void {
    for (let index = this.#partitions.length; index < replicas.length; index++) {
      this.#partitions.push(new Partition(this, index, replicas[index] ?? []));
    }
  }

  get maxMessageBytes(): number {
    return Number(this.#setting('max.message.bytes'));
  }

  get minInsyncReplicas(): number {
    return Number(this.#setting('min.insync.replicas'));
  }

  get isCompacted(): boolean {
    return this.#setting('cleanup.policy').split(',').includes('compact');
  }

  get usesAppendTime(): boolean {
    return this.#setting('message.timestamp.type') === 'LogAppendTime';
  }

  #setting(name: string): string {
    return this.configs.get(name) ?? settingDefaults.get(name) ?? '';
  }
}

/** Kafka's rule: 1 to 249 of `[a-zA-Z0-9._-]`, not `.` or `..`. */
export function isValidTopicName(name: string): boolean {
  return name !== '.' && name !== '..' && name.length <= LONGEST_NAME && /^[a-zA-Z0-9._-]+$/.test(name);
}

/** Kafka never gives out ids that begin with a dash: they would look like an option to its tools. */
function newTopicId(): string {
  const id = clock.randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newTopicId() : id;
}
