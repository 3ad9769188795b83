// Which versions a broker takes, and which of them a request goes out in.
import {
  type AnyApi,
  type ApiVersionsResponse,
  Fetch,
  Produce,
  UnsupportedVersionError,
  type VersionRange,
} from '@hopwire/protocol';

/** Which versions *this* broker takes, by API key. */
export type BrokerVersions = ReadonlyMap<number, VersionRange>;

/** Features that the whole cluster has finalized (KIP-584), as this broker told when it was connected to. */
export interface FinalizedFeatures {
  /** -1n: unknown to it, or it has none. Of two answers the one with the higher epoch is newer. */
  readonly epoch: bigint;
  /** By name, e.g. `transaction.version`: the highest level that is in use. */
  readonly levels: ReadonlyMap<string, number>;
}

/** ApiVersions has them from v3 on. */
export function featuresOf({ finalizedFeaturesEpoch, finalizedFeatures }: ApiVersionsResponse): FinalizedFeatures {
  const levels = new Map(finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]));
  return { epoch: finalizedFeaturesEpoch, levels };
}

/** Of Fetch and Produce: what KIP-896 left in Kafka 4, where the oldest batches are of magic 2. */
const FETCH_OF_KAFKA_4 = 4;
const PRODUCE_OF_KAFKA_4 = 3;

/** What the broker advertises, less what it would hang up on. */
export function versionsOf({ apiKeys }: Pick<ApiVersionsResponse, 'apiKeys'>): BrokerVersions {
  const versions = new Map<number, VersionRange>();
  for (const { apiKey, minVersion, maxVersion } of apiKeys) versions.set(apiKey, [minVersion, maxVersion]);
  withdrawRefusedProduce(versions);
  return versions;
}

/**
 * Kafka 4 advertises Produce from v0, because older librdkafka takes its absence for a broker that knows no compression
 * (KAFKA-18659), but closes the connection on v0-2. That it is Kafka 4 shows in Fetch, whose old versions were removed
 * together with those (KIP-896) and are no longer advertised.
 */
function withdrawRefusedProduce(versions: Map<number, VersionRange>): void {
  const [produce, fetch] = [versions.get(Produce.key), versions.get(Fetch.key)];
  if (!produce || !fetch || fetch[0] < FETCH_OF_KAFKA_4) return;
  versions.set(Produce.key, [Math.max(PRODUCE_OF_KAFKA_4, produce[0]), produce[1]]);
}

/**
 * The highest version that both sides speak.
 *
 * @param highest not above this one, for a reason of the caller's
 * @throws {UnsupportedVersionError} when there is none
 */
export function versionFor(api: AnyApi, versions: BrokerVersions, highest: number = Infinity): number {
  const theirs = versions.get(api.key);
  const ours: VersionRange = [api.versions[0], Math.min(highest, api.latestStable ?? api.versions[1])];
  const version = Math.min(ours[1], theirs?.[1] ?? -1);
  if (!theirs || version < Math.max(ours[0], theirs[0]))
    throw new UnsupportedVersionError(api.name, ours, theirs ?? null);
  return version;
}

/**
 * This version and no other. An unstable one too: it was asked for.
 *
 * @throws {UnsupportedVersionError} unless both sides speak it
 */
export function exactVersion(api: AnyApi, versions: BrokerVersions, version: number): number {
  const theirs = versions.get(api.key) ?? null;
  if (theirs && isWithin(version, theirs) && isWithin(version, api.versions)) return version;
  throw new UnsupportedVersionError(api.name, api.versions, theirs, version);
}

function isWithin(version: number, [first, last]: VersionRange): boolean {
  return Number.isInteger(version) && version >= first && version <= last;
}
