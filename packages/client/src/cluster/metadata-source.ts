// One Metadata request, asked of one broker after the other until one answers.
import { Errors, Metadata, type MetadataResponse, ZERO_UUID } from '@hopwire/protocol';
import { brokerError, ClosedError, isRetriable } from '../errors.ts';
import type { Broker } from './broker.ts';

/** From here on a request can say that asking must not create a topic. */
const AUTO_CREATION_FIELD = 4;

/** Metadata of these topics, or of all (null). */
export async function askForMetadata(
  candidates: readonly Broker[],
  topics: readonly string[] | null,
  allowAutoTopicCreation: boolean,
): Promise<MetadataResponse> {
  const failures: unknown[] = [];
  for (const broker of candidates) {
    try {
      return await askOne(broker, topics, allowAutoTopicCreation);
    } catch (error) {
      if (error instanceof ClosedError) throw error;
      failures.push(error);
    }
  }
  // A refusal (password, TLS) says more than a broker that is down, and waiting does not help.
  throw failures.find((error) => !isRetriable(error)) ?? failures.at(-1);
}

async function askOne(broker: Broker, topics: readonly string[] | null, allowed: boolean): Promise<MetadataResponse> {
  const version = await broker.versionOf(Metadata);
  // v0 has no "none": an empty list means all there.
  const asked = version === 0 && topics?.length === 0 ? null : topics;
  const response = await broker.send(Metadata, {
    topics: asked?.map((name) => ({ topicId: ZERO_UUID, name })) ?? null,
    allowAutoTopicCreation: allowed || version < AUTO_CREATION_FIELD,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
  if (response.errorCode !== 0 && response.errorCode !== Errors.REBOOTSTRAP_REQUIRED) {
    throw brokerError(response.errorCode, 'Metadata');
  }
  return response;
}
