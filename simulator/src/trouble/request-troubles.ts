// Trouble with requests: error codes, pauses, lost requests and answers.
import { type AnyApi, Errors } from '@hopwire/protocol';
import type { VerbAction } from '@hopwire/test-broker';
import type { Random } from '../random.ts';
import { errorCodesOf } from './error-codes.ts';
import { nodeIds, type Surroundings, type Trouble } from './trouble.ts';

/** For a while some requests of some nodes and APIs meet this. */
function meeting(actionFor: (api: AnyApi, random: Random) => VerbAction<never> | null): Trouble {
  return (here) => {
    const { random, rules, world } = here;
    const node = random.chance(0.5) ? random.pick(nodeIds) : null;
    const keys = random.chance(0.4) ? null : someKeys(here);
    const probability = random.pick([0.05, 0.3, 1]);
    const forMs = random.skewed(100, probability === 1 ? 4_000 : 20_000);
    const end = rules.add((api, place) => {
      if ((node !== null && place.nodeId !== node) || (keys && !keys.has(api.key))) return null;
      return random.chance(probability) ? actionFor(api, random) : null;
    });
    const whom = `${node === null ? 'all nodes' : `node ${node}`}, ${keys ? [...keys].join(' ') : 'all APIs'}`;
    world.trace.say(`requests to ${whom} meet trouble, ${probability}`);
    return { forMs, end };
  };
}

/** Those that are asked most. */
const KEYS = [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 19, 20, 22];

function someKeys({ random }: Surroundings): ReadonlySet<number> {
  return new Set([random.pick(KEYS), random.pick(KEYS)]);
}

export const errorCodes: Trouble = meeting((api, random) => {
  const codes = errorCodesOf(api.name);
  if (codes.length === 0) return null;
  const errorCode = random.pick(codes);
  const isSession = errorCode === Errors.FETCH_SESSION_ID_NOT_FOUND || errorCode === Errors.INVALID_FETCH_SESSION_EPOCH;
  return isSession ? sessionRefusal(errorCode) : { errorCode };
});

/** Errors of a fetch session stand at the top of the answer. */
function sessionRefusal(errorCode: number): VerbAction<never> {
  const answer: unknown = { throttleTimeMs: 0, errorCode, sessionId: 0, responses: [], nodeEndpoints: [] };
  return { answer: answer as never };
}

export const throttling: Trouble = meeting((_api, random) => ({ throttleMs: random.int(1, 3_000) }));
// A broker answers a connection in order: an answer that is lost takes the connection along, and behind a request that
// hangs all others wait.
export const lostAnswers: Trouble = meeting(() => ({ handleThen: 'kill' }));
export const hungRequests: Trouble = meeting((_api, random) => ({ delayMs: random.int(10_000, 60_000) }));
export const hangUps: Trouble = meeting(() => 'kill');
export const slowAnswers: Trouble = meeting((_api, random) => ({ delayMs: Math.round(random.skewed(1, 10_000)) }));
