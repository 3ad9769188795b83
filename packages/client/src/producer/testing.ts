// What the producer's tests share.
import type { AnyApi, ProduceRequest, ProduceResponse } from '@hopwire/protocol';
import type { TestBroker } from '@hopwire/test-broker';
import { Cluster } from '../cluster/cluster.ts';
import type { KafkaEvent } from '../events.ts';
import { type KafkaOptions, type ProducerOptions, resolveKafkaOptions } from '../options.ts';
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
