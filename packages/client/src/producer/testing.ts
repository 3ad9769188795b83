// What the producer's tests share.
import type { AnyApi, ProduceRequest, ProduceResponse } from '@hopwire/protocol';
import type { TestBroker } from '@hopwire/test-broker';
import { Cluster } from '../cluster/cluster.ts';
import type { KafkaEvent } from '../events.ts';
import { type KafkaOptions, type ProducerOptions, resolveKafkaOptions } from '../options.ts';
import { clock } from '../util/clock.ts';
import { Producer } from './producer.ts';

export interface Rig extends AsyncDisposable {
  cluster: Cluster;
  producer: Producer;
  events: KafkaEvent[];
  logged: string[];
}

/** A client with one producer, quick to retry. */
export function rig(brokers: string, options: ProducerOptions = {}, client: Partial<KafkaOptions> = {}): Rig {
  const events: KafkaEvent[] = [];
  const logged: string[] = [];
  const note = (message: string): void => void logged.push(message);
  const cluster = new Cluster(
    resolveKafkaOptions({
      brokers,
      retryBackoffMs: 5,
      retryBackoffMaxMs: 50,
      onEvent: (event) => events.push(event),
      logger: { debug: note, info: note, warn: note, error: note },
      ...client,
    }),
  );
  const producer = new Producer(cluster, options);
  const dispose = async (): Promise<void> => {
    await producer.close({ timeoutMs: 100 });
    cluster.close();
  };
  return { cluster, producer, events, logged, [Symbol.asyncDispose]: dispose };
}

/** The values in a partition's log, as text. */
export function valuesOf(broker: TestBroker, topic: string, partition = 0): string[] {
  return broker.records(topic, partition).map((record) => record.value?.toString() ?? 'null');
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** '0', '1', ... */
export const numbers: (count: number) => string[] = (count) => Array.from({ length: count }, (_, i) => String(i));

/** An answer that says one thing about every partition of a request. */
export function refusal(request: ProduceRequest, errorCode: number, more: object = {}): { answer: ProduceResponse } {
  const responses = request.topicData.map(({ name, topicId, partitionData }) => ({
    name,
    topicId,
    partitionResponses: partitionData.map(({ index }) => ({
      index,
      errorCode,
      baseOffset: -1n,
      logAppendTimeMs: -1n,
      logStartOffset: -1n,
      recordErrors: [],
      errorMessage: null,
      currentLeader: { leaderId: -1, leaderEpoch: -1 },
      ...more,
    })),
  }));
  return { answer: { responses, throttleTimeMs: 0, nodeEndpoints: [] } };
}

/** How many requests of an API the broker has met from now on. */
export function counted(broker: TestBroker, api: AnyApi): { count: number } {
  const counter = { count: 0 };
  const count = (): 'pass' => {
    counter.count++;
    return 'pass';
  };
  broker.on(api, count, { always: true });
  return counter;
}

/** What became of a promise, and after how many milliseconds. */
export async function timed<T>(promise: Promise<T>): Promise<{ ms: number; error?: unknown; value?: T }> {
  const startedAt = performance.now();
  return promise.then(
    (value) => ({ ms: performance.now() - startedAt, value }),
    (error: unknown) => ({ ms: performance.now() - startedAt, error }),
  );
}

/** The longest that the event loop was blocked until it is called back. */
export function blockage(): () => number {
  let longest = 0;
  let last = performance.now();
  const look = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, 2);
  return () => {
    clearInterval(timer);
    look();
    return longest;
  };
}

/** Counts the timers of the client that are set and have not fired. */
export function countedTimers(): { readonly left: number } & Disposable {
  const { setTimer, clearTimer } = clock;
  const left = new Set<unknown>();
  clock.setTimer = (callback, ms) => {
    const timer = setTimer(() => {
      left.delete(timer);
      callback();
    }, ms);
    left.add(timer);
    return timer;
  };
  clock.clearTimer = (timer) => {
    left.delete(timer);
    clearTimer(timer);
  };
  return {
    get left() {
      return left.size;
    },
    [Symbol.dispose]: () => Object.assign(clock, { setTimer, clearTimer }),
  };
}
