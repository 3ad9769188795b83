// Which names of topics are refused before anything is sent.
import { kindOf } from '../util/kind-of.ts';

/** Kafka's own rule. */
const LEGAL = /^[A-Za-z0-9._-]+$/;
const LONGEST = 249;
/** What speaks Kafka over Pulsar takes its full names: `persistent://tenant/namespace/topic`. */
const LONGEST_PATH = 4096;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\s]/u;

/** The last good one: records mostly follow one another to the same topic. */
let lastGood = '';

/** @throws {TypeError | RangeError} for what no topic can be called */
export function checkTopic(topic: unknown): string {
  if (typeof topic !== 'string') throw new TypeError(`topic must be the name of a topic, not ${kindOf(topic)}`);
  if (topic === lastGood && topic !== '') return topic;
  const why = faultOf(topic);
  if (why !== null) throw new RangeError(`topic ${shown(topic)} cannot exist: ${why}`);
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

function shown(topic: string): string {
  return JSON.stringify(topic.length > 60 ? `${topic.slice(0, 60)}...` : topic);
}
