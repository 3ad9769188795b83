// What is read follows what there is: soon, without asking too often, and without believing everything at once.
import { Errors, ZERO_UUID } from '@hopwire/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SnapshotListener } from '../cluster/cluster.ts';
import {
  EMPTY_SNAPSHOT,
  type MetadataSnapshot,
  type PartitionMetadata,
  type TopicMetadata,
} from '../cluster/metadata.ts';
import { AuthenticationError, brokerError, ConnectionError } from '../errors.ts';
import { resolveKafkaOptions } from '../options.ts';
import { type TopicSource, TopicWatch, type TopicWatchOptions } from './topic-watch.ts';

const MAX_AGE_MS = 60_000;
const BROKER = { nodeId: 1, host: 'b', port: 1, rack: null };

type Answer = { count: number; id?: string } | number;

/** A cluster whose answers the test gives; a number is an error code. */
class FakeCluster implements TopicSource {
  readonly options = resolveKafkaOptions({ brokers: 'b:1', metadataMaxAgeMs: MAX_AGE_MS, retryBackoffMs: 100 });
  snapshot: MetadataSnapshot = { ...EMPTY_SNAPSHOT, brokers: new Map([[1, BROKER]]) };
  /** What the cluster says when it is asked. */
  truth: Record<string, Answer> = {};
  readonly asked: string[] = [];
  failure: Error | null = null;
  readonly #listeners = new Set<SnapshotListener>();

  get listeners(): number {
    return this.#listeners.size;
  }

  onSnapshot(listener: SnapshotListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  metadataFor(topics: readonly string[]): Promise<MetadataSnapshot> {
    return this.#answer('cached', topics);
  }

  freshMetadata(topics: readonly string[]): Promise<MetadataSnapshot> {
    return this.#answer('fresh', topics);
  }

  allTopics(): Promise<MetadataSnapshot> {
    const visible = Object.keys(this.truth).filter((name) => typeof this.truth[name] === 'object');
    return this.#answer('all', visible, new Map());
  }

  /** Somebody else's answer. */
  show(truth: Record<string, Answer>): void {
    this.truth = { ...this.truth, ...truth };
    this.#publish(Object.keys(truth), this.snapshot.topics);
  }

  async #answer(
    how: string,
    names: readonly string[],
    before: ReadonlyMap<string, TopicMetadata> = this.snapshot.topics,
  ): Promise<MetadataSnapshot> {
    this.asked.push(how === 'all' ? how : `${how} ${names.join()}`);
    if (this.failure !== null) throw this.failure;
    this.#publish(names, before);
    return this.snapshot;
  }

  #publish(names: readonly string[], known: ReadonlyMap<string, TopicMetadata>): void {
    const topics = new Map(known);
    for (const name of names) topics.set(name, topicOf(name, this.truth[name] ?? 3, this.snapshot.topics.get(name)));
    const before = this.snapshot;
    this.snapshot = { ...before, topics };
    for (const listener of this.#listeners) listener(this.snapshot, before);
  }
}

/** As the cluster keeps it: an error that may pass leaves the partitions. */
function topicOf(name: string, answer: Answer, before: TopicMetadata | undefined): TopicMetadata {
  const keeps = typeof answer === 'number' && answer !== Errors.TOPIC_AUTHORIZATION_FAILED && before !== undefined;
  if (keeps) return { ...before, errorCode: answer };
  const count = typeof answer === 'number' ? 0 : answer.count;
  const partitions = new Map(Array.from({ length: count }, (_, partition) => [partition, partitionOf(partition)]));
  const id = typeof answer === 'number' ? undefined : answer.id;
  return {
    name,
    topicId: id ?? ZERO_UUID,
    errorCode: typeof answer === 'number' ? answer : 0,
    isInternal: false,
    partitions,
  };
}

function partitionOf(partition: number): PartitionMetadata {
  return { partition, leaderId: 1, leaderEpoch: 0, errorCode: 0, replicas: [1], isr: [1] };
}

let cluster: FakeCluster;
let watches: TopicWatch[];
let denied: string[];
let changes: number;

beforeEach(() => {
  vi.useFakeTimers();
  cluster = new FakeCluster();
  watches = [];
  denied = [];
  changes = 0;
});

afterEach(() => {
  for (const watch of watches) watch.close(new RangeError('the test is over'));
  expect([cluster.listeners, vi.getTimerCount()]).toEqual([0, 0]);
  vi.useRealTimers();
});

const forever = new AbortController().signal;

function watchOf(topics: (string | RegExp)[], options: Partial<TopicWatchOptions> = {}): TopicWatch {
  const watch = new TopicWatch(cluster, {
    topics,
    onMissing: 'wait',
    isLenient: false,
    missingPollMs: 1_000,
    onDenied: ({ message }) => void denied.push(message),
    onChange: () => void changes++,
    ...options,
  });
  watches.push(watch);
  return watch;
}

async function looking(topics: (string | RegExp)[], options: Partial<TopicWatchOptions> = {}): Promise<TopicWatch> {
  const watch = watchOf(topics, options);
  await watch.look(forever);
  return watch;
}

const counts = (watch: TopicWatch): Record<string, number> => Object.fromEntries(watch.found?.counts ?? []);

describe('a snapshot, whoever asked for it, shows', () => {
  it('new partitions, and who waits is told at once', async () => {
    cluster.truth = { a: { count: 2 } };
    const watch = await looking(['a']);
    const grown = watch.until((found) => found.counts.get('a') === 3, forever);
    cluster.show({ a: { count: 3 } });
    await grown;
    expect([counts(watch), changes]).toEqual([{ a: 3 }, 1]);
  });

  it('what came before anybody waited: no change is missed', async () => {
    cluster.truth = { a: { count: 2 } };
    const watch = await looking(['a']);
    cluster.show({ a: { count: 3 } });
    await watch.until((found) => found.counts.get('a') === 3, forever);
  });

  it('that a topic was made anew', async () => {
    cluster.truth = { a: { count: 2, id: 'one' } };
    const watch = await looking(['a']);
    cluster.show({ a: { count: 1, id: 'two' } });
    expect([counts(watch), watch.found?.ids.get('a'), changes]).toEqual([{ a: 1 }, 'two', 1]);
  });

  it('nothing new: then what was found stays the same object, and nobody is told', async () => {
    cluster.truth = { a: { count: 2, id: 'one' } };
    const watch = await looking(['a']);
    const { found } = watch;
    cluster.show({ a: { count: 2, id: 'one' }, b: { count: 1 } });
    expect([watch.found === found, changes]).toEqual([true, 0]);
  });

  it('fewer partitions only to a broker that is behind', async () => {
    cluster.truth = { a: { count: 3, id: 'one' } };
    const watch = await looking(['a']);
    cluster.show({ a: { count: 2, id: 'one' } });
    expect([counts(watch), changes]).toEqual([{ a: 3 }, 0]);
  });
});

describe('a topic that a broker does not know', () => {
  it('is gone only when all looks say so, one a second and afresh, for five seconds', async () => {
    cluster.truth = { a: { count: 2 }, b: { count: 1 } };
    const watch = await looking(['a', 'b']);
    cluster.show({ a: Errors.UNKNOWN_TOPIC_OR_PARTITION });
    expect([counts(watch), changes]).toEqual([{ a: 2, b: 1 }, 0]);
    await vi.advanceTimersByTimeAsync(900);
    expect([counts(watch), cluster.asked.filter((what) => what.startsWith('fresh'))]).toEqual([{ a: 2, b: 1 }, []]);
    await vi.advanceTimersByTimeAsync(3_950);
    expect([counts(watch), cluster.asked.filter((what) => what === 'fresh a')]).toMatchObject([
      { a: 2, b: 1 },
      { length: 4 },
    ]);
    await vi.advanceTimersByTimeAsync(300);
    expect([counts(watch), watch.found?.missing, cluster.asked.at(-1)]).toEqual([{ b: 1 }, ['a'], 'fresh a']);
  });

  it('stays when one of the looks sees it, and the five seconds begin anew', async () => {
    cluster.truth = { a: { count: 2 } };
    const watch = await looking(['a']);
    cluster.show({ a: Errors.UNKNOWN_TOPIC_OR_PARTITION });
    await vi.advanceTimersByTimeAsync(3_500);
    cluster.show({ a: { count: 2 } });
    cluster.show({ a: Errors.UNKNOWN_TOPIC_OR_PARTITION });
    await vi.advanceTimersByTimeAsync(4_500);
    expect([counts(watch), changes]).toEqual([{ a: 2 }, 0]);
  });

  it('stays when the second look sees it', async () => {
    cluster.truth = { a: { count: 2 } };
    const watch = await looking(['a']);
    cluster.show({ a: Errors.UNKNOWN_TOPIC_OR_PARTITION });
    cluster.truth = { a: { count: 2 } };
    await vi.advanceTimersByTimeAsync(5_000);
    expect([counts(watch), changes]).toEqual([{ a: 2 }, 0]);
  });

  it('is not taken for gone because snapshots of others repeat the old answer', async () => {
    cluster.truth = { a: { count: 2 } };
    const watch = await looking(['a']);
    cluster.show({ a: Errors.UNKNOWN_TOPIC_OR_PARTITION });
    cluster.failure = new ConnectionError('b:1', 'away');
    await vi.advanceTimersByTimeAsync(3_000);
    cluster.show({ b: { count: 1 } });
    expect(counts(watch)).toEqual({ a: 2 });
  });

  it.each([
    ['UNKNOWN_SERVER_ERROR', -1],
    ['LEADER_NOT_AVAILABLE', 5],
    ['KAFKA_STORAGE_ERROR', 56],
  ])('never goes away by an error that passes: %s', async (_, code) => {
    cluster.truth = { a: { count: 2 } };
    const watch = await looking(['a']);
    for (let second = 0; second < 5; second++) {
      cluster.show({ a: code });
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect([counts(watch), changes]).toEqual([{ a: 2 }, 0]);
  });

  it('that was never there is waited for, with looks that become rarer, at most one a second', async () => {
    const watch = await looking(['later']);
    expect(watch.found?.missing).toEqual(['later']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(cluster.asked.length).toBeGreaterThan(9);
    expect(cluster.asked.length).toBeLessThan(40);
    cluster.truth = { later: { count: 1 } };
    await vi.advanceTimersByTimeAsync(1_000);
    expect(counts(watch)).toEqual({ later: 1 });
    const looks = cluster.asked.length;
    await vi.advanceTimersByTimeAsync(MAX_AGE_MS / 2);
    expect(cluster.asked.length).toBe(looks);
  });

  it("is fatal with onMissing 'throw', but one look is not believed there either", async () => {
    const watch = watchOf(['a'], { onMissing: 'throw' });
    const looked = watch.look(forever).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(900);
    expect(watch.failure).toBeNull();
    await vi.advanceTimersByTimeAsync(200);
    expect(await looked).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', topic: 'a' });
  });

  it("is found in time with onMissing 'throw' when the first broker was behind", async () => {
    const watch = watchOf(['a'], { onMissing: 'throw' });
    const looked = watch.look(forever);
    await vi.advanceTimersByTimeAsync(100);
    cluster.truth = { a: { count: 1 } };
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await looked).counts.get('a')).toBe(1);
  });

  it("and is deleted while it is read is fatal with onMissing 'throw'", async () => {
    cluster.truth = { a: { count: 1 } };
    const watch = await looking(['a'], { onMissing: 'throw' });
    cluster.show({ a: Errors.UNKNOWN_TOPIC_OR_PARTITION });
    await vi.advanceTimersByTimeAsync(5_500);
    expect([watch.failure, changes]).toMatchObject([{ code: 'UNKNOWN_TOPIC_OR_PARTITION' }, 1]);
  });
});

describe('a denied topic', () => {
  it('is left out and told once; the others go on, and it comes back with its rights', async () => {
    cluster.truth = { good: { count: 1 }, bad: { count: 1 } };
    const watch = await looking(['good', 'bad']);
    cluster.show({ bad: Errors.TOPIC_AUTHORIZATION_FAILED });
    cluster.show({ bad: Errors.TOPIC_AUTHORIZATION_FAILED });
    expect([counts(watch), watch.found?.denied, denied.length]).toEqual([{ good: 1 }, ['bad'], 1]);
    expect(denied[0]).toContain('bad');
    const looks = cluster.asked.length;
    await vi.advanceTimersByTimeAsync(MAX_AGE_MS - 100);
    expect(cluster.asked.length).toBe(looks);
    cluster.truth = { good: { count: 1 }, bad: { count: 1 } };
    await vi.advanceTimersByTimeAsync(200);
    expect([counts(watch), watch.found?.denied]).toEqual([{ good: 1, bad: 1 }, []]);
    cluster.show({ bad: Errors.TOPIC_AUTHORIZATION_FAILED });
    expect(denied).toHaveLength(2);
  });

  it('is denied from the start without an end for the others', async () => {
    cluster.truth = { good: { count: 1 }, bad: Errors.TOPIC_AUTHORIZATION_FAILED };
    const watch = await looking(['good', 'bad'], { onMissing: 'throw' });
    expect([counts(watch), denied.length]).toEqual([{ good: 1 }, 1]);
  });

  it('a name that cannot be one is fatal, unless it is another member’s', async () => {
    cluster.truth = { 'a b': Errors.INVALID_TOPIC_EXCEPTION };
    await expect(looking(['a b'])).rejects.toMatchObject({ code: 'INVALID_TOPIC_EXCEPTION' });
    const lenient = await looking(['a b'], { isLenient: true });
    expect([lenient.found?.missing, lenient.failure]).toEqual([[], null]);
  });
});

describe('patterns', () => {
  it('are looked for at the age of metadata, and take what matches', async () => {
    cluster.truth = { 'orders.a': { count: 1 }, other: { count: 1 } };
    const watch = await looking([/^orders\./]);
    expect(counts(watch)).toEqual({ 'orders.a': 1 });
    cluster.truth = { ...cluster.truth, 'orders.b': { count: 2 } };
    await vi.advanceTimersByTimeAsync(MAX_AGE_MS + 100);
    expect(counts(watch)).toEqual({ 'orders.a': 1, 'orders.b': 2 });
    expect(cluster.asked.filter((what) => what === 'all')).toHaveLength(2);
  });

  it('with the flag g match each time', async () => {
    cluster.truth = { a1: { count: 1 }, a2: { count: 1 }, a3: { count: 1 } };
    expect(counts(await looking([/a/g]))).toEqual({ a1: 1, a2: 1, a3: 1 });
  });

  it('lose a topic that the list lacks only after looks by its name', async () => {
    cluster.truth = { a1: { count: 1 }, a2: { count: 1 } };
    const watch = await looking([/a/]);
    cluster.truth = { a1: { count: 1 } };
    await vi.advanceTimersByTimeAsync(MAX_AGE_MS + 10);
    expect(counts(watch)).toEqual({ a1: 1, a2: 1 });
    await vi.advanceTimersByTimeAsync(5_500);
    expect([counts(watch), watch.found?.missing]).toEqual([{ a1: 1 }, []]);
  });
});

describe('what is new', () => {
  const isNew = (watch: TopicWatch, topic: string, partition = 0): boolean => watch.isNew({ topic, partition });

  it('partitions and topics that appeared after the first look', async () => {
    cluster.truth = { a: { count: 2, id: 'one' } };
    const watch = await looking(['a', 'later']);
    cluster.show({ a: { count: 3, id: 'one' }, later: { count: 1 } });
    expect([isNew(watch, 'a', 1), isNew(watch, 'a', 2), isNew(watch, 'later')]).toEqual([false, true, true]);
  });

  it('all of a topic that was made anew, with ids or without', async () => {
    cluster.truth = { a: { count: 2, id: 'one' }, b: { count: 1 } };
    const watch = await looking(['a', 'b']);
    expect([isNew(watch, 'a'), isNew(watch, 'b')]).toEqual([false, false]);
    cluster.show({ a: { count: 2, id: 'two' }, b: Errors.UNKNOWN_TOPIC_OR_PARTITION });
    await vi.advanceTimersByTimeAsync(5_500);
    cluster.show({ b: { count: 1 } });
    expect([isNew(watch, 'a'), isNew(watch, 'b')]).toEqual([true, true]);
  });

  it('nothing of a topic that was away for a while and comes back with its id', async () => {
    cluster.truth = { a: { count: 2, id: 'one' } };
    const watch = await looking(['a']);
    cluster.show({ a: Errors.UNKNOWN_TOPIC_OR_PARTITION });
    await vi.advanceTimersByTimeAsync(5_500);
    expect(watch.found?.missing).toEqual(['a']);
    cluster.show({ a: { count: 2, id: 'one' } });
    expect([counts(watch), isNew(watch, 'a')]).toEqual([{ a: 2 }, false]);
  });

  it('nothing of a topic that was there, but could not be seen at first', async () => {
    cluster.truth = { hidden: Errors.TOPIC_AUTHORIZATION_FAILED, vague: -1 };
    const watch = await looking(['hidden', 'vague']);
    cluster.show({ hidden: { count: 2, id: 'one' }, vague: { count: 2 } });
    expect([isNew(watch, 'hidden', 1), isNew(watch, 'vague', 1)]).toEqual([false, false]);
    cluster.show({ hidden: { count: 3, id: 'one' }, vague: { count: 3 } });
    expect([isNew(watch, 'hidden', 2), isNew(watch, 'vague', 2)]).toEqual([true, true]);
  });
});

describe('a look that fails', () => {
  it('is repeated as long as that can help', async () => {
    cluster.failure = new ConnectionError('b:1', 'away');
    const watch = watchOf(['a']);
    const looked = watch.look(forever);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(cluster.asked.length).toBeGreaterThan(4);
    cluster.failure = null;
    cluster.truth = { a: { count: 1 } };
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await looked).counts.get('a')).toBe(1);
  });

  it('is repeated also when brokers have said nothing yet but errors that pass', async () => {
    cluster.snapshot = EMPTY_SNAPSHOT;
    cluster.failure = brokerError(Errors.LEADER_NOT_AVAILABLE, 'Metadata');
    const watch = watchOf(['a']);
    const looked = watch.look(forever);
    await vi.advanceTimersByTimeAsync(5_000);
    cluster.failure = null;
    cluster.truth = { a: { count: 1 } };
    await vi.advanceTimersByTimeAsync(1_000);
    expect((await looked).counts.get('a')).toBe(1);
  });

  it('of ten thousand missing topics comes ten times more rarely than of a few', async () => {
    const looks = async (missing: number): Promise<number> => {
      const watch = watchOf(Array.from({ length: missing }, (_, i) => `t${i}`));
      void watch.look(forever);
      await vi.advanceTimersByTimeAsync(10_000); // the back-off has grown
      const before = cluster.asked.length;
      await vi.advanceTimersByTimeAsync(40_000);
      const asked = cluster.asked.length - before;
      watch.close(new RangeError('enough'));
      return asked;
    };
    const few = await looks(10);
    expect(few).toBeGreaterThan(30);
    expect(await looks(10_000)).toBeLessThanOrEqual(few / 8);
    expect(await looks(10_000)).toBeGreaterThan(1);
  });

  it('is repeated while no broker can be reached, also at the start', async () => {
    cluster.snapshot = EMPTY_SNAPSHOT;
    cluster.failure = new ConnectionError('b:1', 'away');
    const looked = watchOf(['a']).look(forever);
    await vi.advanceTimersByTimeAsync(60_000);
    cluster.failure = null;
    cluster.truth = { a: { count: 1 } };
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await looked).counts.get('a')).toBe(1);
  });

  it('is fatal when repeating does not help', async () => {
    cluster.failure = new AuthenticationError('PLAIN', 'no such user');
    await expect(looking(['a'])).rejects.toThrow('no such user');
  });

  it('ends for who waits with the reason of the signal, and for all at the end', async () => {
    const watch = await looking(['later']);
    const stop = new AbortController();
    const waiting = watch.until(() => false, stop.signal).catch((error: Error) => error.message);
    const other = watch.until(() => false, forever).catch((error: Error) => error.message);
    stop.abort(new RangeError('mine'));
    expect(await waiting).toBe('mine');
    watch.close(new RangeError('over'));
    expect(await other).toBe('over');
  });
});
