// What callers give to createTopics, checked: taken in its obvious meaning, or refused by the path of its field.
import { checkCarried, checkText, given, integer } from '../util/check-options.ts';
import { listOf } from '../util/check-positions.ts';
import { kindOf } from '../util/kind-of.ts';
import { didYouMean } from '../util/near-name.ts';
import type { NewTopic } from './topics.ts';

const FIELDS = [
  'topic',
  'partitions',
  'replicationFactor',
  'assignments',
  'configs',
] as const satisfies readonly (keyof NewTopic)[];
const KNOWN: readonly string[] = FIELDS;
const MOST_COPIES = 0x7fff;

/**
 * What is checked is also copied: the caller may go on to use its objects.
 *
 * @throws {TypeError | RangeError} by the path of what cannot be meant
 */
export function checkNewTopics(topics: readonly NewTopic[]): NewTopic[] {
  const seen = new Set<string>();
  return listOf('createTopics', topics, 'topics').map(([at, topic]) => {
    const checked = checkNewTopic(at, topic);
    if (seen.has(checked.topic)) throw new TypeError(`${at}.topic: ${given(checked.topic)} is named twice`);
    seen.add(checked.topic);
    return checked;
  });
}

function checkNewTopic(at: string, one: NewTopic): NewTopic {
  if (typeof one !== 'object' || one === null)
    throw new TypeError(`${at} must be { topic, partitions, ... }, not ${given(one)}`);
  for (const field of Object.keys(one)) if (!KNOWN.includes(field)) refuseField(at, one, field);
  const { topic, partitions, replicationFactor, assignments, configs } = one;
  return {
    topic: checkText(`${at}.topic`, topic),
    partitions: optional(`${at}.partitions`, partitions),
    replicationFactor: optional(`${at}.replicationFactor`, replicationFactor, MOST_COPIES),
    assignments: checkAssignments(`${at}.assignments`, assignments),
    configs: checkConfigs(`${at}.configs`, configs),
  };
}

function refuseField(at: string, one: object, field: string): void {
  if (Reflect.get(one, field) === undefined) return;
  const hint = didYouMean(field, KNOWN);
  throw new TypeError(`${at}.${field}: a new topic has no such field${hint}; the fields are ${KNOWN.join(', ')}`);
}

/** -1 is Kafka's own word for the broker's default. What else no broker takes, it says itself. */
function optional(name: string, value: number | null | undefined, max?: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  return integer(name, value, 0, -1, max);
}

function checkAssignments(name: string, assignments: NewTopic['assignments']): number[][] | undefined {
  if (assignments === undefined || assignments === null) return undefined;
  return listOf(name, assignments, 'brokers of each partition').map(([at, brokers]) =>
    listOf(at, brokers, 'brokers').map(([place, broker]) => {
      if (broker === undefined) throw new TypeError(`${place} must be the number of a broker, not undefined`);
      return integer(place, broker, 0);
    }),
  );
}

/** An object, or a Map. */
function checkConfigs(name: string, configs: unknown): Record<string, string | null> | undefined {
  if (configs === undefined || configs === null) return undefined;
  if (typeof configs !== 'object' || Array.isArray(configs))
    throw new TypeError(`${name} must be an object, not ${kindOf(configs)}`);
  const entries: [unknown, unknown][] = configs instanceof Map ? [...configs] : Object.entries(configs);
  return Object.fromEntries(entries.map(([key, value]) => checkConfig(name, key, value)));
}

function checkConfig(name: string, key: unknown, value: unknown): [string, string | null] {
  const config = checkText(`${name}: a name`, key);
  if (value === null) return [config, null];
  const path = `${name}['${config}']`;
  if (typeof value !== 'string') throw new TypeError(`${path} must be a string or null, not ${given(value)}`);
  return [config, checkCarried(path, value)];
}
