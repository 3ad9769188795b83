// Which names of topics are refused before anything is sent.
import { kindOf } from './kind-of.ts';

/** Kafka's own rule. */
const LEGAL = /^[A-Za-z0-9._-]+$/;
const LONGEST = 249;
/** What speaks Kafka over Pulsar takes its full names: `persistent://tenant/namespace/topic`. */
const LONGEST_PATH = 4096;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\s]/u;

/** The last good one: records mostly follow one another to the same topic. */
let lastGood = '';

/** @throws {TypeError | RangeError} for what no topic can be called. @param path where it stands in what was given */
export function checkTopic(topic: unknown, path = 'topic'): string {
  if (typeof topic !== 'string') throw new TypeError(`${path} must be the name of a topic, not ${kindOf(topic)}`);
  if (topic === lastGood && topic !== '') return topic;
  const why = faultOf(topic);
  if (why !== null) throw new RangeError(`${path} ${shown(topic)} cannot exist: ${why}`);
  lastGood = topic;
  return topic;
}

function faultOf(topic: string): string | null {
  if (topic === '') return 'the name is empty';
  if (topic === '.' || topic === '..') return "Kafka does not take '.' and '..' as names";
  if (topic.includes('/')) return faultOfPath(topic);
  if (topic.length > LONGEST) return `the name has ${topic.length} characters, at most ${LONGEST} are allowed`;
  return LEGAL.test(topic) ? null : "only letters a-z and A-Z, digits, '.', '_' and '-' are allowed";
}

function faultOfPath(topic: string): string | null {
  if (topic.length > LONGEST_PATH)
    return `the name has ${topic.length} characters, at most ${LONGEST_PATH} are allowed`;
  return UNPRINTABLE.test(topic) ? 'it holds blanks, control characters or half of a surrogate pair' : null;
}

/**
 * Names and patterns to subscribe to, as a list of our own.
 *
 * @throws {TypeError | RangeError} by the path of what is neither
 */
export function checkTopics(what: string, topics: unknown, least = 0): (string | RegExp)[] {
  if (!Array.isArray(topics))
    throw new TypeError(`${what} must be a list of names and patterns, not ${asList(topics)}`);
  if (topics.length < least) throw new RangeError(`${what} must name at least one topic; close() ends reading`);
  return Array.from(topics, (topic: unknown, at) => {
    if (topic instanceof RegExp) return topic;
    if (typeof topic === 'string') return checkTopic(topic, `${what}[${at}]`);
    throw new TypeError(`${what}[${at}] must be the name of a topic or a pattern, not ${kindOf(topic)}`);
  });
}

function asList(topics: unknown): string {
  return typeof topics === 'string' ? `a string; give [${shown(topics)}]` : kindOf(topics);
}

function shown(topic: string): string {
  return JSON.stringify(topic.length > 60 ? `${topic.slice(0, 60)}...` : topic);
}
