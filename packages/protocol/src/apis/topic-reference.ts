// How messages name a topic: by name in older versions, by id in newer ones, never by both (KIP-516).
import { UnsupportedFieldError } from '../errors.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import type { Writer } from '../wire/writer.ts';

/**
 * Writes the one of the two that the version carries.
 *
 * @throws {UnsupportedFieldError} when only the other one is known: the message would name no topic
 */
export function encodeTopicReference(
  w: Writer,
  api: string,
  v: number,
  byId: boolean,
  topic: { readonly name: string; readonly topicId: string },
): void {
  if (byId && topic.topicId === ZERO_UUID && topic.name !== '') throw new UnsupportedFieldError(api, v, 'name');
  if (!byId && topic.name === '' && topic.topicId !== ZERO_UUID) throw new UnsupportedFieldError(api, v, 'topicId');
  if (byId) w.uuid(topic.topicId);
  else w.string(topic.name);
}
