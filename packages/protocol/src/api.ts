// What a codec of one API is, and how a version of it is chosen.
import { UnsupportedVersionError } from './errors.ts';
import type { VersionRange } from './version-range.ts';
import type { Reader } from './wire/reader.ts';
import type { Writer } from './wire/writer.ts';

export type { VersionRange } from './version-range.ts';

/** One direction of an API, in every version: the same fields, in the same order, twice. */
export interface Codec<Body> {
  /** @throws {UnsupportedFieldError} when this version cannot carry what the body says */
  encode(w: Writer, v: number, body: Body): void;
  /** @throws {ProtocolError} when the bytes are not what this version says */
  decode(r: Reader, v: number): Body;
}

/** One API of Kafka: its four functions, hand-written, one file each in `apis/`. */
export interface Api<Request, Response> {
  readonly key: number;
  /** Name on Kafka's protocol page, PascalCase. */
  readonly name: string;
  readonly versions: VersionRange;
  /** First version with compact types and tagged fields; null: never. */
  readonly flexibleFrom: number | null;
  /** Versions above this one are defined but marked unstable: never chosen by negotiation. */
  readonly latestStable?: number;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

/** Any API, when only its identity matters. */
// biome-ignore lint/suspicious/noExplicitAny: request and response are invariant here; no other type holds every Api
export type AnyApi = Api<any, any>;

/** Has this version compact lengths and tagged fields (KIP-482)? */
export function isFlexible(api: Pick<AnyApi, 'flexibleFrom'>, version: number): boolean {
  return api.flexibleFrom !== null && version >= api.flexibleFrom;
}

/**
 * The highest version that both sides speak.
 *
 * @param theirs what this broker (not the cluster) advertised; undefined: it does not have the API
 * @throws {UnsupportedVersionError} when there is none
 * @example chooseVersion(Fetch, [4, 17]) // 17
 */
export function chooseVersion(api: AnyApi, theirs: VersionRange | undefined): number {
  const ours: VersionRange = [api.versions[0], api.latestStable ?? api.versions[1]];
  if (!theirs) throw new UnsupportedVersionError(api.name, ours, null);
  const version = Math.min(ours[1], theirs[1]);
  if (version < Math.max(ours[0], theirs[0])) throw new UnsupportedVersionError(api.name, ours, theirs);
  return version;
}
