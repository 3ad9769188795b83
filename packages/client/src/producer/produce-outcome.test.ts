import { Errors, errorCodes } from '@hopwire/protocol';
import { expect, it } from 'vitest';
import { produceOutcomeOf } from './produce-outcome.ts';

it.each([
  ['NONE', 'delivered'],
  ['DUPLICATE_SEQUENCE_NUMBER', 'duplicate'],
  ['NOT_LEADER_OR_FOLLOWER', 'moved'],
  ['FENCED_LEADER_EPOCH', 'refresh'],
  ['NOT_ENOUGH_REPLICAS', 'backOff'],
  ['NOT_ENOUGH_REPLICAS_AFTER_APPEND', 'unsure'],
  ['REQUEST_TIMED_OUT', 'unsure'],
  ['MESSAGE_TOO_LARGE', 'split'],
  ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'sequence'],
  ['PRODUCER_FENCED', 'identity'],
  ['TOPIC_AUTHORIZATION_FAILED', 'refuse'],
  ['INVALID_TXN_STATE', 'fatal'],
] as const)('%s: %s', (name, outcome) => {
  expect(produceOutcomeOf(Errors[name])).toBe(outcome);
});

it('CLI-077 a code that is not in the table is not retried and promises nothing', () => {
  expect([produceOutcomeOf(-1), produceOutcomeOf(31999), produceOutcomeOf(Errors.UNKNOWN_SERVER_ERROR)]).toEqual(
    Array(3).fill('giveUp'),
  );
});

it('an error that Kafka calls not retriable is never simply repeated', () => {
  for (const { code, retriable } of errorCodes) {
    if (!retriable) expect(['backOff', 'unsure']).not.toContain(produceOutcomeOf(code));
  }
});
