// One call of deleteTopics, with all its attempts.
import { DeleteTopics, type DeleteTopicsResponseResponse, Errors, ZERO_UUID } from '@hopwire/protocol';
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Owner } from '../cluster/owner.ts';
import { brokerError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import type { Outcome } from './result.ts';
import { TopicRequest, throwIfMoved, unanswered } from './topic-request.ts';

/** From here on topics are named in a list that also takes ids (KIP-516). */
const LIST_WITH_IDS = 6;

export class TopicDeletion {
  readonly #owner: Owner;
  readonly #names: readonly string[];
  readonly #request: TopicRequest;

  constructor(cluster: Cluster, owner: Owner, names: readonly string[]) {
    this.#owner = owner;
    this.#names = names;
    this.#request = new TopicRequest(cluster, names, true);
  }

  /** Errors that concern the whole request are thrown. */
  async attempt(waiting: Waiting): Promise<Map<string, Outcome<null>>> {
    const answers = await this.#request.attempt(waiting, (controller) => this.#send(controller, waiting));
    const byName = new Map(answers.map((topic) => [this.#nameOf(topic), topic]));
    const outcomes = new Map<string, Outcome<null>>();
    for (const name of this.#names) outcomes.set(name, await this.#outcome(name, byName.get(name), waiting));
    return outcomes;
  }

  async #send(controller: Broker, waiting: Waiting): Promise<DeleteTopicsResponseResponse[]> {
    const route = { ...waiting, owner: this.#owner };
    const byId = (await controller.versionOf(DeleteTopics, route)) >= LIST_WITH_IDS;
    const body = {
      topics: byId ? this.#names.map((name) => this.#target(name)) : [],
      topicNames: byId ? [] : [...this.#names],
      timeoutMs: this.#request.serverTimeoutMs(waiting),
    };
    const { responses } = await controller.send(DeleteTopics, body, route);
    throwIfMoved(responses, DeleteTopics.name);
    return responses;
  }

  /** An attempt after one whose answer was lost goes by id: somebody may have made the topic anew meanwhile. */
  #target(name: string): { name: string | null; topicId: string } {
    const topicId = this.#request.mayHaveDeleted(name) ? this.#request.idBefore(name) : ZERO_UUID;
    return { name: topicId === ZERO_UUID ? name : null, topicId };
  }

  #nameOf({ name, topicId }: DeleteTopicsResponseResponse): string | null {
    return name ?? this.#names.find((one) => this.#request.idBefore(one) === topicId) ?? null;
  }

  async #outcome(
    name: string,
    answer: DeleteTopicsResponseResponse | undefined,
    waiting: Waiting,
  ): Promise<Outcome<null>> {
    if (!answer) return unanswered(DeleteTopics.name, name);
    const { errorCode, errorMessage: message } = answer;
    if (errorCode === 0 || (await this.#isOwn(name, errorCode, waiting))) return { ok: null };
    return { error: brokerError(errorCode, DeleteTopics.name, { message, topic: name }) };
  }

  /**
   * Has an attempt whose answer was lost deleted it? Where another topic has the name by now nobody can tell: it was made
   * since, or the id that we had was an old one.
   */
  async #isOwn(name: string, errorCode: number, waiting: Waiting): Promise<boolean> {
    if (!this.#request.mayHaveDeleted(name)) return false;
    if (errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION) return true;
    return errorCode === Errors.UNKNOWN_TOPIC_ID && !(await this.#request.isThere(name, waiting));
  }
}
