// One call in one state with one limit; and which of these make sense.
import type { Call } from './call.ts';
import { adminCalls } from './calls-admin.ts';
import { consumerCalls } from './calls-consumer.ts';
import { kafkaCalls } from './calls-kafka.ts';
import { producerCalls } from './calls-producer.ts';
import type { LimitKind } from './limit.ts';
import { type Column, nameOf, type State } from './state.ts';
import { closingStates } from './states-closing.ts';
import { groupStates } from './states-group.ts';
import { networkStates } from './states-network.ts';

export interface Cell {
  readonly call: Call;
  readonly state: State;
  readonly limit: LimitKind;
}

/** The rows. */
export const calls: readonly Call[] = [...kafkaCalls, ...producerCalls, ...consumerCalls, ...adminCalls];

export const states: readonly State[] = [...networkStates, ...groupStates, ...closingStates];

const ONLY = 'only a consumer has a loop with a body';

/** Why a call has nothing to do with a column; undefined: it has. */
export function senseless(call: Call, column: Column): string | undefined {
  const reason = call.except?.[column];
  if (reason !== undefined) return reason;
  const isConcerned = states.some((state) => state.column === column && isFor(state, call));
  return isConcerned ? undefined : ONLY;
}

function isFor({ only }: State, { of }: Call): boolean {
  return only === undefined || only === of;
}

export function cellsOf(someCalls: readonly Call[], someStates: readonly State[]): Cell[] {
  return someCalls.flatMap((call) =>
    someStates
      .filter((state) => isFor(state, call) && call.except?.[state.column] === undefined)
      .flatMap((state) => call.limits.map((limit) => ({ call, state, limit }))),
  );
}

export function textOf({ call, state, limit }: Cell): string {
  return `${call.name} | ${nameOf(state)} | ${limit}`;
}
