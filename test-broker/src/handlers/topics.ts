// What several handlers ask about topics.
import { Errors, ZERO_UUID } from '@hopwire/protocol';
import { MOST_PARTITIONS } from '../embedded/bounds.ts';
import type { RequestContext } from '../embedded/router.ts';
import type { Topic } from '../embedded/topic.ts';

/** A topic as a request names it: by name, or (in newer versions) by id. */
export interface TopicReference {
  readonly name: string;
  readonly topicId: string;
  readonly usesId: boolean;
}

/** The topic; or why not: unknown name or id, or no right to it. */
export function findTopic(
  context: RequestContext,
  reference: TopicReference,
): { topic: Topic } | { errorCode: number } {
  const { cluster, connection } = context;
  const topic = reference.usesId ? cluster.topicById(reference.topicId) : cluster.topic(reference.name);
  const name = topic?.name ?? reference.name;
  if (name !== '' && !cluster.access.allowsTopic(connection.user, name)) {
    return { errorCode: Errors.TOPIC_AUTHORIZATION_FAILED };
  }
  if (topic) return { topic };
  return { errorCode: reference.usesId ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION };
}

/** A node as answers list it; the port is that of the listener the client came through. */
export interface Endpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

export function liveEndpoints({ cluster, connection }: RequestContext): Endpoint[] {
  return cluster.liveNodes.map((node) => ({
    nodeId: node.id,
    host: node.host,
    port: node.ports.get(connection.listener) ?? -1,
    rack: null,
  }));
}

/** KIP-951: where the leaders are that an answer names. */
export function endpointsOf(
  context: RequestContext,
  partitions: readonly { readonly currentLeader: { readonly leaderId: number } }[],
): Endpoint[] {
  const leaders = new Set(partitions.map(({ currentLeader }) => currentLeader.leaderId).filter((id) => id >= 0));
  return leaders.size === 0 ? [] : liveEndpoints(context).filter(({ nodeId }) => leaders.has(nodeId));
}

/** Why partitions are not created although they are few enough for one request. */
export function noRoom(partitions: number): string {
  return `No room for ${partitions} partitions: this broker keeps at most ${MOST_PARTITIONS}.`;
}

/** What answers give for a topic that was asked by name. */
export const NO_TOPIC_ID: string = ZERO_UUID;
