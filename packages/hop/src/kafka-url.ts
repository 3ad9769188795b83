// `kafka://[user@]host[:port][/group]/topic[,topic...]`.
import { UrlError } from './errors.ts';
import { withoutPassword } from './masked.ts';

const DEFAULT_PORT = 9092;
const SCHEME = /^kafka:\/\//i;

/** A parsed address. */
export interface KafkaUrl {
  /** Selects a credential; never a password. */
  username: string | undefined;
  /** Names a credential whose hostname is the broker (`kafka://@name/...`); `host` is then empty. */
  profile: string | undefined;
  /** As written, without the brackets of IPv6. */
  host: string;
  port: number;
  /** Whether the address itself names a port. */
  hasPort: boolean;
  group: string | undefined;
  topics: string[];
  /** What deserves a WARNING. */
  warnings: string[];
}

/** Parses an address. Throws UrlError. */
export function parseUrl(url: string): KafkaUrl {
  const text = url.trim();
  const shown = withoutPassword(url);
  if (!SCHEME.test(text)) throw new UrlError(`${JSON.stringify(shown)}: an address begins with kafka://`);
  const rest = text.slice('kafka://'.length).replace(/[?#].*$/s, '');
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '' : rest.slice(slash).replace(/^\/+/, '');
  return { ...parseAuthority(authority, shown), ...parsePath(path, shown) };
}

/** `host:port` as the client takes it. */
export function brokerAddress({ host, port }: { host: string; port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Host and, where it is written, port of a text such as `h`, `h:9092` or `[::1]:9092`. */
export function parseHost(text: string, shown: string): { host: string; port: number; hasPort: boolean } {
  const match = /^(?:\[([0-9a-fA-F:.%\w]+)\]|([^[\]:]*))(?::(.*))?$/s.exec(text);
  if (!match)
    throw new UrlError(
      `${shown}: cannot parse the host ${JSON.stringify(withoutPassword(text))}; IPv6 addresses need [ ]`,
    );
  const [, ipv6, name, portText] = match;
  const host = ipv6 ?? name ?? '';
  if (/[?#;=]/.test(host)) throw new UrlError(`${shown}: cannot parse the host: it holds one of ? # ; =`);
  if (!host || /\s/.test(host)) throw new UrlError(`${shown}: cannot parse the address: there is no host`);
  const port = portText === undefined ? DEFAULT_PORT : Number(/^[0-9]{1,5}$/.test(portText) ? portText : Number.NaN);
  if (!(port >= 1 && port <= 65535)) {
    // Of `user:pass/word@host` this would be a part of the password.
    const told = shown.includes(`:${portText}`) ? ` ${JSON.stringify(portText)}` : '';
    throw new UrlError(`${shown}: cannot parse the port${told}; it is a number from 1 to 65535`);
  }
  return { host, port, hasPort: portText !== undefined };
}

type Authority = Pick<KafkaUrl, 'username' | 'profile' | 'host' | 'port' | 'hasPort' | 'warnings'>;

function parseAuthority(authority: string, shown: string): Authority {
  const at = authority.indexOf('@');
  const place = authority.slice(at + 1);
  if (place.includes(','))
    throw new UrlError(`${shown}: multiple broker addresses are not supported; name one of them`);
  if (at === 0) {
    if (!place) throw new UrlError(`${shown}: cannot parse the address: there is no profile name after @`);
    return { username: undefined, profile: place, host: '', port: DEFAULT_PORT, hasPort: false, warnings: [] };
  }
  const username = at < 0 ? undefined : decodeUsername(authority.slice(0, at), shown);
  // The host would hold a part of the password, and be told by whoever looks for it.
  if (username?.includes(':') && place.includes('@'))
    throw new UrlError(`${shown}: cannot parse the address: there is more than one @`);
  const warnings = username?.includes(':')
    ? ['the user part of the address holds a colon; all of it is taken as the user name']
    : [];
  return { username, profile: undefined, ...parseHost(place, shown), warnings };
}

function decodeUsername(text: string, shown: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new UrlError(`${shown}: cannot parse the user name: a percent sign is followed by two hex digits`, { cause });
  }
}

function parsePath(path: string, shown: string): Pick<KafkaUrl, 'group' | 'topics'> {
  if (!path) return { group: undefined, topics: [] };
  const segments = path.split('/');
  if (segments.length > 2) return { group: undefined, topics: [path] };
  const [first = '', second] = segments;
  if (first === '') throw new UrlError(`${shown}: cannot parse the path: the group name is empty`);
  const topics = (second ?? first).split(',');
  if (topics.includes('')) throw new UrlError(`${shown}: cannot parse the topics: a topic name is empty`);
  return { group: second === undefined ? undefined : first, topics: [...new Set(topics)] };
}
