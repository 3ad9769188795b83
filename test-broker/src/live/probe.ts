// One sensible request for an API, in each of its versions, and what a request may need to be sensible.
import { setTimeout as delay } from 'node:timers/promises';
import type { AnyApi, Api } from '@hopwire/protocol';
import type { Answer, Conversation } from '../harness/conversation.ts';
import type { Fixture } from './fixture.ts';

/** A version of an API at a broker: the connection the request will go on, and what lies ready at the broker. */
export interface Visit extends Fixture {
  readonly version: number;
  readonly conversation: Conversation;
  /** A name nobody has used at this broker. */
  fresh(prefix: string): string;
}

export interface Probe {
  readonly api: AnyApi;
  /** The listener that knows the API as its users meet it. */
  readonly listener: 'plaintext' | 'saslPlaintext';
  /** Asks, and says what came back. */
  visit(visit: Visit): Promise<Answer<unknown>>;
}

/** @param body made anew for each version; may ask other things first, on the same connection */
export function probe<Request, Response>(
  api: Api<Request, Response>,
  body: (visit: Visit) => Request | Promise<Request>,
  listener: Probe['listener'] = 'plaintext',
): Probe {
  return {
    api,
    listener,
    visit: async (visit) => visit.conversation.ask(api, visit.version, await body(visit)),
  };
}

const MOST_TRIES = 100;
const PAUSE_MS = 20;

/**
 * Asks again until the answer says something: the last one counts.
 *
 * @param body gets the number of tries before this one
 * @param isTelling is this the answer that was waited for?
 */
export async function askUntil<Request, Response>(
  { conversation, version }: Pick<Visit, 'conversation' | 'version'>,
  api: Api<Request, Response>,
  body: (tries: number) => Request,
  isTelling: (answer: Response) => boolean,
): Promise<Answer<Response>> {
  let answer = await conversation.ask(api, version, body(0));
  for (let tries = 1; tries < MOST_TRIES && !isTelling(answer.body); tries++) {
    await delay(PAUSE_MS);
    answer = await conversation.ask(api, version, body(tries));
  }
  return answer;
}
