// How messages name a topic: by name in older versions, by id in newer ones, never by both (KIP-516).
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import type { Writer } from '../wire/writer.ts';

/** '' or ZERO_UUID for the one that is not known. */
export interface TopicReference {
  name: string;
  topicId: string;
}

export const topicReference = {
  /**
   * Writes the one of the two that the version carries.
   *
   * @throws {UnsupportedFieldError} when only the other one is known: the message would name no topic
   */
  encode(w: Writer, api: string, v: number, byId: boolean, { name, topicId }: Readonly<TopicReference>): void {
    if (byId && topicId === ZERO_UUID && name !== '') throw new UnsupportedFieldError(api, v, 'name');
    if (!byId && name === '' && topicId !== ZERO_UUID) throw new UnsupportedFieldError(api, v, 'topicId');
    if (byId) w.uuid(topicId);
    else w.string(name);
  },
  decode(r: Reader, byId: boolean): TopicReference {
    return byId ? { name: '', topicId: r.uuid() } : { name: r.string(), topicId: ZERO_UUID };
  },
};
