// A password on its way over a connection that others can read.
import type { ResolvedKafkaOptions } from '../options.ts';

type Login = Pick<ResolvedKafkaOptions, 'sasl' | 'tls' | 'openSocket' | 'logger'>;

/** Whose clients were told: once each, not for each connection. */
const told = new WeakSet<Login>();

/**
 * Warns once for each client (each object of options) when PLAIN is to be used without TLS. Not over the loopback, and not
 * with a dialer of the user's: what that opens may be encrypted.
 */
export function warnOfPassword(login: Login, host: string, broker: string): void {
  const { sasl, tls, openSocket, logger } = login;
  if (sasl?.name !== 'PLAIN' || tls || openSocket || isLoopback(host) || told.has(login)) return;
  told.add(login);
  logger.warn(`${broker}: PLAIN without TLS sends the password as it is, for all to read: set tls, or use SCRAM`);
}

function isLoopback(host: string): boolean {
  return /^(?:(?:.+\.)?localhost\.?|127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/i.test(host);
}
