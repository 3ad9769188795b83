// SASL PLAIN (RFC 4616). The password travels as it is: use TLS.
import { plainToken } from '@hopwire/protocol';
import { checkText } from '../util/check-options.ts';
import { checkLogin, reveal } from './credential.ts';
import type { Credential, SaslMechanism } from './mechanism.ts';

export interface PlainOptions {
  username: Credential;
  password: Credential;
  /** Whom to act as; left out: the user itself. */
  authorizationId?: string | undefined;
}

/**
 * `sasl: plain({ username, password })`
 *
 * The broker gets the password as it is: use it with `tls`. Without, a client warns once, unless the broker is on the loopback.
 */
export function plain(options: PlainOptions): SaslMechanism {
  const name = 'PLAIN';
  checkLogin(name, options, ['authorizationId']);
  const { username, password, authorizationId = '' } = options;
  if (authorizationId !== '') checkText(`${name}: authorizationId`, authorizationId);
  return {
    name,
    async authenticate(exchange) {
      const user = await reveal(name, 'username', username);
      const secret = await reveal(name, 'password', password);
      await exchange.send(plainToken({ username: user, password: secret, authorizationId }));
    },
  };
}
