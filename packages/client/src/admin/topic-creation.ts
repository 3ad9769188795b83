// One call of createTopics, with all its attempts.
import { CreateTopics, type CreateTopicsRequest, type CreateTopicsResponseTopic, Errors } from '@hopwire/protocol';
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Owner } from '../cluster/owner.ts';
import { brokerError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import type { Outcome } from './result.ts';
import { TopicRequest, throwIfMoved, unanswered } from './topic-request.ts';
import { type CreatedTopic, described, idOrNull, type NewTopic } from './topics.ts';

/** From here on -1 means the broker's default (KIP-464). */
const DEFAULTS_OF_BROKER = 4;

export class TopicCreation {
  readonly #cluster: Cluster;
  readonly #owner: Owner;
  readonly #topics: readonly NewTopic[];
  readonly #validateOnly: boolean;
  readonly #request: TopicRequest;

  constructor(cluster: Cluster, owner: Owner, topics: readonly NewTopic[], validateOnly: boolean) {
    this.#cluster = cluster;
    this.#owner = owner;
    this.#topics = topics;
    this.#validateOnly = validateOnly;
    const names = topics.map(({ topic }) => topic);
    this.#request = new TopicRequest(cluster, names, false);
  }

  /** Errors that concern the whole request (not the controller, ...) are thrown. */
  async attempt(waiting: Waiting): Promise<Map<string, Outcome<CreatedTopic>>> {
    const answers = await this.#request.attempt(waiting, (controller) => this.#send(controller, waiting));
    const byName = new Map(answers.map((topic) => [topic.name, topic]));
    const outcomes = new Map<string, Outcome<CreatedTopic>>();
    for (const { topic } of this.#topics) outcomes.set(topic, await this.#outcome(topic, byName.get(topic), waiting));
    return outcomes;
  }

  async #send(controller: Broker, waiting: Waiting): Promise<CreateTopicsResponseTopic[]> {
    const route = { ...waiting, owner: this.#owner };
    const version = await controller.versionOf(CreateTopics, route);
    const fallback = version >= DEFAULTS_OF_BROKER ? -1 : 1;
    const asked = this.#topics.map((topic) => toRequest(topic, fallback));
    const timeoutMs = this.#request.serverTimeoutMs(waiting);
    const body = { topics: asked, timeoutMs, validateOnly: this.#validateOnly };
    const { topics } = await controller.send(CreateTopics, body, route);
    throwIfMoved(topics, CreateTopics.name);
    return topics;
  }

  async #outcome(
    name: string,
    answer: CreateTopicsResponseTopic | undefined,
    waiting: Waiting,
  ): Promise<Outcome<CreatedTopic>> {
    if (!answer) return unanswered(CreateTopics.name, name);
    const { errorCode, errorMessage: message, topicId, numPartitions: partitions, replicationFactor } = answer;
    if (errorCode === Errors.TOPIC_ALREADY_EXISTS && this.#request.mayHaveCreated(name)) {
      const own = await this.#own(name, waiting);
      if (this.#isAsAsked(name, own.ok)) return own;
    }
    if (errorCode !== 0) return { error: brokerError(errorCode, CreateTopics.name, { topic: name, message }) };
    return { ok: { topicId: idOrNull(topicId), partitions, replicationFactor } };
  }

  /** An attempt whose answer was lost has made it. */
  async #own(name: string, waiting: Waiting): Promise<{ ok: CreatedTopic }> {
    const outcome = described(await this.#cluster.freshMetadata([name], waiting), name);
    if ('error' in outcome) return { ok: { topicId: null, partitions: -1, replicationFactor: -1 } };
    const { topicId, partitions } = outcome.ok;
    const replicationFactor = partitions[0]?.replicas.length ?? -1;
    return { ok: { topicId, partitions: partitions.length, replicationFactor } };
  }

  /** One that is there with other properties was made by somebody else. */
  #isAsAsked(name: string, { partitions, replicationFactor }: CreatedTopic): boolean {
    const asked = this.#topics.find(({ topic }) => topic === name);
    const count = asked?.assignments?.length || asked?.partitions;
    const copies = asked?.assignments?.[0]?.length ?? asked?.replicationFactor;
    return isSame(count, partitions) && isSame(copies, replicationFactor);
  }
}

/** What was left to the broker, and what is not known, is as it is. */
function isSame(asked: number | undefined, found: number): boolean {
  return asked === undefined || asked < 0 || found < 0 || asked === found;
}

function toRequest(topic: NewTopic, fallback: number): CreateTopicsRequest['topics'][number] {
  const { topic: name, partitions = fallback, replicationFactor = fallback, assignments = [], configs = {} } = topic;
  const assigned = assignments.length > 0;
  return {
    name,
    numPartitions: assigned ? -1 : partitions,
    replicationFactor: assigned ? -1 : replicationFactor,
    assignments: assignments.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds: [...brokerIds] })),
    configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
  };
}
