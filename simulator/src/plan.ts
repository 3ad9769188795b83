// What a seed stands for: how many of everything, how it is set up, which troubles there are and how many.
import type { ConsumerOptions, KafkaOptions, ProducerOptions } from '@hopwire/client';
import type { Random } from './random.ts';
import { type TroubleName, troubleNames } from './trouble/names.ts';

export interface ProducerPlan {
  readonly name: string;
  readonly client: number;
  readonly topics: readonly string[];
  readonly options: ProducerOptions;
  readonly style: 'awaited' | 'free' | 'many' | 'enqueue';
  readonly everyMs: number;
  /** How often a user does something else than to send. */
  readonly restlessness: number;
}

export interface MemberPlan {
  readonly name: string;
  readonly client: number;
}

export interface GroupPlan {
  readonly id: string;
  readonly topics: readonly string[];
  readonly options: ConsumerOptions;
  readonly members: readonly MemberPlan[];
  readonly style: 'records' | 'batches' | 'both';
  readonly restlessness: number;
}

/** Reads a topic to its end, as a command does, again and again. */
export interface DrainPlan {
  readonly name: string;
  readonly client: number;
  readonly topic: string;
  readonly options: ConsumerOptions;
}

export interface ReaderPlan {
  readonly name: string;
  readonly client: number;
  readonly topic: string;
  readonly options: ConsumerOptions;
  readonly restlessness: number;
}

export interface AdminPlan {
  readonly name: string;
  readonly client: number;
}

export interface Plan {
  readonly topics: Readonly<Record<string, number>>;
  readonly clients: readonly Omit<KafkaOptions, 'brokers' | 'openSocket' | 'onEvent' | 'logger'>[];
  readonly producers: readonly ProducerPlan[];
  readonly groups: readonly GroupPlan[];
  /** Groups whose members have an instance id (KIP-345). */
  readonly staticGroups: ReadonlySet<string>;
  /** Groups whose members subscribe to something else from time to time. */
  readonly fickleGroups: ReadonlySet<string>;
  readonly readers: readonly ReaderPlan[];
  readonly drains: readonly DrainPlan[];
  readonly admins: readonly AdminPlan[];
  /** How long the trouble lasts. */
  readonly troubleMs: number;
  /** Mean time from one trouble to the next. */
  readonly everyMs: number;
  readonly troubles: ReadonlySet<TroubleName>;
  /** The observer of the client with this id throws. */
  readonly angry: string | null;
}

const MINUTE = 60_000;

export function planFor(random: Random): Plan {
  const topics = Object.fromEntries(
    Array.from({ length: random.int(1, 3) }, (_, i) => [`topic-${i}`, random.int(1, 4)]),
  );
  const names = Object.keys(topics);
  const clients = Array.from({ length: random.pick([1, 1, 1, 2, 3]) }, (_, i) => clientOptions(i, random));
  const client = (): number => random.int(0, clients.length - 1);
  const count = (low: number, high: number): number[] => Array.from({ length: random.int(low, high) }, (_, i) => i);
  const producers = count(1, 3).map((i) => producerPlan(`p${i}`, client(), names, random));
  const groups = count(0, 2).map((i) => groupPlan(`g${i}`, client, names, random));
  const groupIds = groups.map(({ id }) => id);
  return {
    topics,
    clients,
    producers,
    groups,
    readers: count(0, 2).map((i) => readerPlan(`r${i}`, client(), random.pick(names), random)),
    admins: count(0, 1).map((i) => ({ name: `a${i}`, client: client() })),
    troubleMs: random.skewed(MINUTE / 2, 4 * MINUTE),
    everyMs: random.skewed(1_000, MINUTE / 2),
    // A subset for each seed: a trouble that always comes with all others hides what it does alone.
    troubles: new Set(random.some(troubleNames, random.pick([0.1, 0.3, 0.6]))),
    angry: random.chance(0.1) ? 'client-0' : null,
    staticGroups: new Set(random.some(groupIds, 0.15)),
    fickleGroups: new Set(random.some(groupIds, 0.15)),
    drains: random.chance(0.2) ? [drainPlan('d0', client(), random.pick(names), random)] : [],
  };
}

function clientOptions(index: number, random: Random): Plan['clients'][number] {
  return {
    clientId: `client-${index}`,
    requestTimeoutMs: random.int(1_500, 8_000),
    connectTimeoutMs: random.int(500, 4_000),
    metadataMaxAgeMs: random.int(3_000, 120_000),
    idleConnectionMs: random.pick([540_000, 540_000, 2_000, 0]),
  };
}

function producerPlan(name: string, client: number, topics: readonly string[], random: Random): ProducerPlan {
  const idempotence = random.chance(0.85);
  return {
    name,
    client,
    topics: random.chance(0.5) ? topics : [random.pick(topics)],
    options: {
      idempotence,
      lingerMs: random.pick([0, 5, 50]),
      maxInFlight: random.int(1, 5),
      deliveryTimeoutMs: random.int(3_000, 40_000),
      batchBytes: random.pick([1024 * 1024, 400]),
      bufferBytes: random.pick([1024 * 1024, 4_096]),
      compression: random.pick(['none', 'none', 'none', 'none', 'none', 'none', 'gzip', 'lz4']),
    },
    style: random.pick(['awaited', 'free', 'free', 'many', 'enqueue']),
    everyMs: random.skewed(200, 5_000),
    restlessness: random.pick([0, 0.02, 0.1]),
  };
}

function groupPlan(id: string, client: () => number, topics: readonly string[], random: Random): GroupPlan {
  const sessionTimeoutMs = random.int(4_000, 12_000);
  const startAt = random.pick(['earliest', 'earliest', 'earliest', 'latest'] as const);
  return {
    id,
    topics: random.chance(0.6) ? topics : [random.pick(topics)],
    options: {
      startAt,
      onOutOfRange: random.pick(['earliest', 'nearest', 'none']),
      // What is committed by hand only may be missed by a group that begins at the end.
      commit: startAt === 'latest' ? 'auto' : random.pick(['auto', 'auto', 'manual']),
      commitIntervalMs: random.int(300, 5_000),
      sessionTimeoutMs,
      heartbeatIntervalMs: Math.trunc(sessionTimeoutMs / random.int(3, 6)),
      maxProcessingMs: random.int(4_000, 20_000),
      maxWaitMs: random.pick([500, 2_000, 5_000]),
      prefetchBytes: random.pick([1024 * 1024, 1_000]),
      maxBytes: random.pick([1024 * 1024, 600]),
    },
    members: Array.from({ length: random.int(1, 4) }, (_, i) => ({ name: `${id}.m${i}`, client: client() })),
    style: random.pick(['records', 'records', 'batches', 'both']),
    restlessness: random.pick([0, 0.01, 0.05]),
  };
}

function readerPlan(name: string, client: number, topic: string, random: Random): ReaderPlan {
  return {
    name,
    client,
    topic,
    options: {
      onOutOfRange: random.pick(['earliest', 'nearest', 'none']),
      maxWaitMs: random.pick([500, 2_000, 5_000]),
      prefetchBytes: random.pick([1024 * 1024, 1_000]),
    },
    restlessness: random.pick([0, 0.01, 0.05]),
  };
}

function drainPlan(name: string, client: number, topic: string, random: Random): DrainPlan {
  return {
    name,
    client,
    topic,
    options: {
      until: 'end',
      startAt: 'earliest',
      onOutOfRange: random.pick(['earliest', 'nearest']),
      maxWaitMs: random.pick([500, 5_000]),
      prefetchBytes: random.pick([1024 * 1024, 1_000]),
      ...(random.chance(0.3) ? { limit: random.int(1, 50) } : {}),
    },
  };
}
