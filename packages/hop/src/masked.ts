// An address as it may be shown. A password does not belong into one, and is written there all the same.

/**
 * @returns `user:***@host` for `user:password@host`, whatever else is wrong with it, and `host?***` for a query, which addresses
 *   do not have; other texts as they are
 */
export function withoutPassword(address: string): string {
  return withoutUserPassword(address).replace(/([?#]).+$/s, '$1***');
}

function withoutUserPassword(address: string): string {
  const at = address.lastIndexOf('@');
  const scheme = address.indexOf('://');
  const colon = address.indexOf(':', scheme < 0 || scheme > at ? 0 : scheme + '://'.length);
  if (colon < 0 || colon > at) return address;
  // `h:9092/a@b` is a port and a topic.
  const isPort = /^:\d{1,5}\//.test(address.slice(colon, colon + ':65535/'.length));
  return isPort ? address : `${address.slice(0, colon)}:***${address.slice(at)}`;
}
