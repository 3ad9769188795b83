// How Fetch names a topic: as others do, but what they call its name, Fetch calls the topic.
import type { Codec } from '../api.ts';
import { topicReference } from './topic-reference.ts';

export interface FetchTopic {
  topic: string; // v0-12
  topicId: string; // v13+
}

export const fetchTopic: Codec<FetchTopic> = {
  encode(w, v, { topic, topicId }) {
    topicReference.encode(w, 'Fetch', v, v >= 13, { name: topic, topicId });
  },
  decode(r, v) {
    const { name, topicId } = topicReference.decode(r, v >= 13);
    return { topic: name, topicId };
  },
};
