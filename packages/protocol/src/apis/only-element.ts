// Some APIs began with one thing per request and later took many (KIP-699, KIP-709, KIP-890). In memory there is only
// the list; the older versions take it when it has exactly one element.
import { UnsupportedFieldError } from '../errors.ts';

/**
 * The only element of a list.
 *
 * @param noun what the list is a list of, in the plural
 * @throws {UnsupportedFieldError} when there is none, or more than one
 */
export function onlyElement<T>(list: readonly T[], api: string, v: number, noun: string): T {
  const [element] = list;
  if (element === undefined || list.length !== 1) {
    throw new UnsupportedFieldError(api, v, `${list.length} ${noun} (it takes exactly one)`);
  }
  return element;
}
