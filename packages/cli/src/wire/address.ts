// Host and port.

export interface Address {
  readonly host: string;
  readonly port: number;
}

/**
 * @param text `host:port`, `[::1]:port`, and with `defaultHost` also `port` alone
 * @returns null when it is not that
 */
export function parseAddress(text: string, defaultHost?: string): Address | null {
  const match = /^(?:kafka:\/\/)?(?:(\[[^\]]+\]|[^:/]*):)?(\d{1,5})$/.exec(text);
  const host = match?.[1]?.replace(/^\[|\]$/g, '') || defaultHost;
  const port = Number(match?.[2]);
  return match && host && port <= 65535 ? { host, port } : null;
}

/** A text that is no address, for the error: without what stands before an @, which may be a password. */
export function refusedText(text: string): string {
  return text.replace(/^.*@/s, '***@');
}

export function addressText({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** IPv4 without the prefix it has on a socket that takes both. */
export function plainHost(host: string): string {
  return host.replace(/^::ffff:(?=\d+\.)/, '');
}
