// SASL PLAIN (RFC 4616). The password travels as it is: use TLS.
import { plainToken } from '@hopwire/protocol';
import { reveal } from './credential.ts';
import type { Credential, SaslMechanism } from './mechanism.ts';

export interface PlainOptions {
  username: Credential;
  password: Credential;
  /** Whom to act as; left out: the user itself. */
  authorizationId?: string | undefined;
}

/** `sasl: plain({ username, password })` */
export function plain(options: PlainOptions): SaslMechanism {
  const { username, password, authorizationId = '' } = options;
  return {
    name: 'PLAIN',
    async authenticate(exchange) {
      const credentials = { username: await reveal(username), password: await reveal(password), authorizationId };
      await exchange.send(plainToken(credentials));
    },
  };
}
