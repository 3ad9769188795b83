// One exchange of tokens for each mechanism, from the broker's side.
import { readPlainToken, type ScramMechanism, ScramServer } from '@hopwire/protocol';
import { clock } from '../clock.ts';
import type { Users } from '../users.ts';

/** The mechanisms the embedded broker has, as SaslHandshake lists them. */
export const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

export type Mechanism = (typeof MECHANISMS)[number];

/** What a step gives back; `user` is set when the login is complete. */
export interface Step {
  readonly answer: Buffer;
  readonly user: string | null;
}

/** Takes the client's tokens in order; throws a SaslError, or gives null, when the login failed. */
export type Exchange = (token: Buffer) => Step | null;

export function isMechanism(name: string): name is Mechanism {
  return MECHANISMS.some((mechanism) => mechanism === name);
}

export function newExchange(mechanism: Mechanism, users: Users): Exchange {
  return mechanism === 'PLAIN' ? plainExchange(users) : scramExchange(mechanism, users);
}

function plainExchange(users: Users): Exchange {
  return (token) => {
    const { authorizationId, username, password } = readPlainToken(token);
    if (authorizationId !== '' && authorizationId !== username) return null;
    return users.hasPassword(username, password) ? { answer: Buffer.alloc(0), user: username } : null;
  };
}

function scramExchange(mechanism: ScramMechanism, users: Users): Exchange {
  const nonce = clock.randomBytes(18).toString('base64url');
  const server = new ScramServer(mechanism, (user) => users.credential(mechanism, user), nonce);
  let isFirst = true;
  return (token) => {
    const answer = isFirst ? server.firstMessage(token) : server.finalMessage(token);
    isFirst = false;
    return { answer, user: server.username };
  };
}
