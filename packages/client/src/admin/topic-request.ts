// What creating and deleting topics have in common: the controller, and answers that got lost.
//
// When an attempt ends without an answer, the next one meets its own work: "exists already", "does not exist". Whether that
// is success is known only from what there was before, so the cluster is asked for the topics before the first attempt.
import { Errors, ZERO_UUID } from '@hopwire/protocol';
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { brokerError, ConnectionError, isBrokerError } from '../errors.ts';
import type { Waiting } from '../types.ts';

const NO_ANSWER = -1;

export class TopicRequest {
  readonly #cluster: Cluster;
  readonly #names: readonly string[];
  readonly #isExpected: boolean;
  /** Those that were there before the first attempt, with their ids; null: not asked yet. */
  #before: ReadonlyMap<string, string> | null = null;
  /** An attempt before this one may have worked. */
  #isUnsure = false;
  /** This one may have, even if nobody hears of it: its answer can come just when its time is up. */
  #mayHaveWorked = false;

  /** @param expected are the topics thought to be there? One that a broker does not know is asked for at another, too. */
  constructor(cluster: Cluster, names: readonly string[], expected: boolean) {
    this.#cluster = cluster;
    this.#names = names;
    this.#isExpected = expected;
  }

  /** Was this topic there before the first attempt, and may an attempt have changed that? */
  mayHaveCreated(name: string): boolean {
    return this.#isUnsure && this.#before?.has(name) === false;
  }

  /** Id of the topic that was there before; ZERO_UUID: there was none, or it has none. */
  idBefore(name: string): string {
    return this.#before?.get(name) ?? ZERO_UUID;
  }

  mayHaveDeleted(name: string): boolean {
    return this.#isUnsure && this.#before?.has(name) === true;
  }

  /** @param send one attempt at the controller; throws when that refuses the request as a whole */
  async attempt<T>(waiting: Waiting, send: (controller: Broker) => Promise<T>): Promise<T> {
    const existing = this.#before ?? (await this.#existing(waiting));
    const controller = await this.#cluster.controller(waiting);
    this.#before ??= existing;
    this.#isUnsure ||= this.#mayHaveWorked;
    this.#mayHaveWorked = true;
    try {
      return await send(controller);
    } catch (error) {
      this.#mayHaveWorked = mayHaveWorked(error);
      throw error;
    }
  }

  /** How long the broker waits for the change to be done everywhere: less than we wait for its answer. */
  serverTimeoutMs({ timeoutMs }: Waiting): number {
    const { requestTimeoutMs } = this.#cluster.options;
    return Math.max(1, Math.floor(Math.min(requestTimeoutMs, timeoutMs ?? requestTimeoutMs) * 0.9));
  }

  /** Is a topic of this name there now? */
  async isThere(name: string, waiting: Waiting): Promise<boolean> {
    return (await this.#found([name], waiting)).has(name);
  }

  async #existing(waiting: Waiting): Promise<ReadonlyMap<string, string>> {
    const found = await this.#found(this.#names, waiting);
    const missing = this.#names.filter((name) => !found.has(name));
    if (missing.length === 0 || !this.#isExpected) return found;
    return new Map([...found, ...(await this.#found(missing, waiting, true))]);
  }

  async #found(names: readonly string[], waiting: Waiting, isDoubted = false): Promise<Map<string, string>> {
    const { topics } = await this.#cluster.freshMetadata(names, waiting, isDoubted);
    const there = names.flatMap((name) => topics.get(name) ?? []);
    const known = there.filter(({ errorCode }) => errorCode !== Errors.UNKNOWN_TOPIC_OR_PARTITION);
    return new Map(known.map(({ name, topicId }) => [name, topicId]));
  }
}

/** Only a refusal, and a connection that was not there, are sure not to have done anything. */
function mayHaveWorked(error: unknown): boolean {
  if (isBrokerError(error)) return isBrokerError(error, 'REQUEST_TIMED_OUT');
  return !(error instanceof ConnectionError) || error.sent;
}

/** The controller has moved: every item says so, and the whole request is to be sent to the new one. */
export function throwIfMoved(items: readonly { errorCode: number; errorMessage: string | null }[], api: string): void {
  const moved = items.find(({ errorCode }) => errorCode === Errors.NOT_CONTROLLER);
  if (moved) throw brokerError(moved.errorCode, api, { message: moved.errorMessage });
}

export function unanswered(api: string, topic: string): { error: Error } {
  const message = 'the broker did not mention the topic in its answer';
  return { error: brokerError(NO_ANSWER, api, { topic, message }) };
}
