// The clients that are compared, and how each is opened.
import { openHopwire } from './clients/hopwire.mjs';
import { openKafkaTs } from './clients/kafka-ts.mjs';
import { openKafkajs } from './clients/kafkajs.mjs';
import { openPlatformatic } from './clients/platformatic.mjs';

/** In the order of the tables' columns. `before` is ours of another checkout. */
export const names = ['hopwire', 'before', 'kafka-ts', 'platformatic', 'kafkajs'];
export const rivals = ['kafka-ts', 'platformatic', 'kafkajs'];

/** @param dists folders of our built clients, by name */
export function openClient(name, bootstrap, dists) {
  if (name === 'kafkajs') return openKafkajs(bootstrap);
  if (name === 'kafka-ts') return openKafkaTs(bootstrap);
  if (name === 'platformatic') return openPlatformatic(bootstrap);
  return openHopwire(bootstrap, dists[name]);
}
