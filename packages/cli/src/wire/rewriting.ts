// The addresses of brokers in answers: a client that is told the real ones would walk around the proxy.
//
// They stand wherever a struct has a host and a port: Metadata, FindCoordinator, DescribeCluster, DescribeQuorum, and
// the endpoints of new leaders in Produce, Fetch and their share counterparts (KIP-951).
import { encodeResponseFrame } from '@hopwire/protocol';
import { type Address, addressText } from './address.ts';
import type { Seen } from './conversation.ts';

const HIGHEST_PORT = 65_535;

/** The bytes to send on, and what was done to them. */
export interface Rewritten {
  readonly bytes: Buffer;
  readonly addresses: number;
  /** Why they are as they came although there are addresses in them. */
  readonly problem: string | null;
}

/**
 * Whatever is neither host nor port stays as it is, to the byte; else nothing is rewritten.
 *
 * @param localFor null: there are no ports for so many brokers; the others are not asked for then
 */
export async function rewriteAddresses(
  { api, version, correlationId, body, bytes }: Seen,
  localFor: (brokers: readonly Address[]) => Promise<readonly Address[] | null>,
): Promise<Rewritten> {
  const unchanged = { bytes, addresses: 0, problem: null };
  if (!api || body === undefined || correlationId === null) return unchanged;
  const found = new Map<string, Address>();
  let addresses = 0;
  replaced(body, (address) => {
    addresses++;
    found.set(addressText(address), pick(address));
    return address;
  });
  if (addresses === 0) return unchanged;
  if (!encodeResponseFrame<unknown>(api, version, body, correlationId).equals(bytes)) {
    return { ...unchanged, problem: 'addresses are not rewritten: other bytes would change too' };
  }
  const ours = await localFor([...found.values()]);
  if (!ours) return { ...unchanged, problem: 'addresses are not rewritten: too many brokers for a port each' };
  const locals = new Map([...found.keys()].map((key, i) => [key, ours[i]]));
  const rewritten = replaced(body, (address) => locals.get(addressText(address)) ?? address);
  return { ...unchanged, addresses, bytes: encodeResponseFrame(api, version, rewritten, correlationId) };
}

/** A copy with other addresses; -1 and empty ones mean that there is none, and to a port above 65535 nobody connects. */
function replaced(value: unknown, replace: (address: Address) => Address): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => replaced(item, replace));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, replaced(field, replace)]));
  return isAddress(value) ? { ...copy, ...pick(replace(value)) } : copy;
}

function pick({ host, port }: Address): Address {
  return { host, port };
}

function isAddress(value: object): value is Address {
  if (!('host' in value) || !('port' in value)) return false;
  const { host, port } = value;
  return typeof host === 'string' && host !== '' && typeof port === 'number' && port > 0 && port <= HIGHEST_PORT;
}
