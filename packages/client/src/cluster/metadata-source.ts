// One Metadata request and its answer, at one broker.
import { Errors, Metadata, type MetadataResponse, ZERO_UUID } from '@hopwire/protocol';
import { brokerError } from '../errors.ts';
import type { Broker, SendOptions } from './broker.ts';

/** From here on a request can say that asking must not create a topic. */
const AUTO_CREATION_FIELD = 4;

/**
 * Metadata of these topics, or of all (null).
 *
 * @param mayCreate may asking create a topic?
 */
export async function askForMetadata(
  broker: Broker,
  topics: readonly string[] | null,
  mayCreate: boolean,
  options: SendOptions,
): Promise<MetadataResponse> {
  const version = await broker.versionOf(Metadata, options);
  // v0 has no "none": an empty list means all there.
  const asked = version === 0 && topics?.length === 0 ? null : topics;
  const request = {
    topics: asked?.map((name) => ({ topicId: ZERO_UUID, name })) ?? null,
    allowAutoTopicCreation: mayCreate || version < AUTO_CREATION_FIELD,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  };
  const response = await broker.send(Metadata, request, { ...options, version });
  if (response.errorCode !== 0 && response.errorCode !== Errors.REBOOTSTRAP_REQUIRED) {
    throw brokerError(response.errorCode, 'Metadata');
  }
  return response;
}
