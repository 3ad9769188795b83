// Addresses as texts, and which of them can be none. Brokers may advertise anything.
import { isIPv6 } from 'node:net';

/** DNS allows 253; a zone of IPv6 may stand behind an address. */
const LONGEST_HOST = 300;
const SHOWN = 60;
/** No blanks, nothing that a terminal obeys. */
const PRINTABLE = /^[^\s\p{C}]*$/u;

/** `host:port`, with IPv6 addresses in brackets. What is odd in it is made visible, what is long is cut. */
export function addressText(host: string, port: number): string {
  const shown = shownHost(host);
  return shown.includes(':') ? `[${shown}]:${port}` : `${shown}:${port}`;
}

function shownHost(host: string): string {
  const cut = host.length > LONGEST_HOST ? `${host.slice(0, SHOWN)}... (${host.length} letters)` : host;
  return host !== '' && PRINTABLE.test(cut.slice(0, SHOWN)) ? cut : JSON.stringify(cut);
}

/** The host without the brackets in which some brokers advertise IPv6 addresses. */
export function bareHost(host: string): string {
  return host.length <= LONGEST_HOST && host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

/** Why nothing can be reached there; null: perhaps something can. */
export function addressProblem({ host, port }: { readonly host: string; readonly port: number }): string | null {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return `the port ${port} is not from 1 to 65535`;
  if (host === '') return 'the host is empty';
  if (host.length > LONGEST_HOST) return `a host of ${host.length} letters is none`;
  if (/[\s\p{C}]/u.test(host)) return 'the host has blanks or control characters in it';
  if (/[/\\@?#[\]]/.test(host)) return 'the host has characters in it that belong to no name';
  if (host.includes(':') && !isIPv6(host)) return 'the host has a colon in it and is no IPv6 address';
  return null;
}
