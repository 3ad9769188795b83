// Which stored credential an address means.
import { AmbiguousCredentialError, NoMatchingCredentialError } from '../errors.ts';
import { type KafkaUrl, parseHost } from '../kafka-url.ts';
import type { Auth } from './credential.ts';

const DEFAULT_PORT = 9092;

/** What a credential is looked for. */
export type Wanted = Pick<KafkaUrl, 'host' | 'port' | 'hasPort' | 'username'> & {
  /** Topics of the address, for the example in the error. */
  topics?: readonly string[];
};

type Fit = 'literal' | 'exact' | 'generic' | 'none';

/** The one credential for an address. Throws when there is none or more than one. */
export function selectMatchingAuth(auths: readonly Auth[], wanted: Wanted): Auth {
  const ofUser = distinct(auths).filter((auth) => wanted.username === undefined || auth.username === wanted.username);
  for (const fit of ['literal', 'exact', 'generic'] as const) {
    const found = ofUser.filter((auth) => fitOf(auth, wanted) === fit);
    if (found.length > 1) throw ambiguous(found, wanted);
    if (found[0]) return found[0];
  }
  // What follows a colon was meant as a password.
  const user = wanted.username === undefined ? '' : ` with user name ${wanted.username.replace(/:.*$/s, ':***')}`;
  throw new NoMatchingCredentialError(`no credential for ${shownHost(wanted)}${user}`, {
    hint: 'see `hop auth list`; add one with `hop auth add`',
  });
}

/** A text equal to the address beats a match through the default port, which beats one without a hostname. */
function fitOf(auth: Auth, wanted: Wanted): Fit {
  if (auth.hostname === undefined) return 'generic';
  const own = parseHost(auth.hostname, auth.hostname);
  if (own.host.toLowerCase() !== wanted.host.toLowerCase()) return 'none';
  if (own.hasPort === wanted.hasPort) return !own.hasPort || own.port === wanted.port ? 'literal' : 'none';
  return (own.hasPort ? own.port : wanted.port) === DEFAULT_PORT ? 'exact' : 'none';
}

function distinct(auths: readonly Auth[]): Auth[] {
  return auths.filter((auth, index) => auths.findIndex((other) => other.equals(auth)) === index);
}

function ambiguous(found: readonly Auth[], wanted: Wanted): AmbiguousCredentialError {
  const list = found.map((auth) => auth.describe()).join('; ');
  const topics = (wanted.topics ?? []).join(',');
  const example = `kafka://USER@${shownHost(wanted)}/${topics}`;
  return new AmbiguousCredentialError(`several credentials fit ${shownHost(wanted)}: ${list}`, {
    hint: `put the user name into the address: ${example}, e.g. ${example.replace('USER', encodeURIComponent(found[0]?.username ?? 'USER'))}`,
  });
}

function shownHost({ host, port, hasPort }: Wanted): string {
  const shown = host.includes(':') ? `[${host}]` : host;
  return hasPort ? `${shown}:${port}` : shown;
}
