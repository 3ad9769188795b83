// Kafka's releases as they lie in the cache: jars from Maven, a formatted folder, a class-data archive.
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnJava } from './java.ts';
import { classPath, clientsJar, hasKafka, installKafka } from './maven.ts';
import { TargetError } from './target.ts';

/** Modern Kafka with its command-line tools; the last release that takes the old message formats; the newest, without tools. */
export const KAFKA_MODERN = '4.3.1';
export const KAFKA_OLD = '3.9.2';
export const KAFKA_NEWEST = '4.4.0';
/** Every release that tests want. */
export const KAFKA_VERSIONS: readonly string[] = [KAFKA_OLD, KAFKA_MODERN, KAFKA_NEWEST];

/** All folders that are formatted belong to this cluster. */
export const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';
export const TOOL_FLAGS: readonly string[] = ['-Xmx256m'];

const cacheRoot = process.env.HOP_TEST_KAFKA_LIB ?? fileURLToPath(new URL('../../../.cache', import.meta.url));

/** Where a release lies, or would lie. */
export const releaseFolder = (version: string): string => join(cacheRoot, `kafka-${version}`);

/** Can this release be started without downloading anything? */
export function isCached(version: string): Promise<boolean> {
  return hasKafka(releaseFolder(version));
}

/** Downloads the releases that are not in the cache yet. */
export async function installAll(versions: readonly string[] = KAFKA_VERSIONS): Promise<void> {
  for (const version of versions) await installKafka(version, releaseFolder(version));
}

/**
 * Path of a release's kafka-clients jar, which holds Kafka's message definitions under `common/message`.
 *
 * @throws {TargetError} when the release is not in the cache
 */
export async function kafkaClientsJar(version: string): Promise<string> {
  if (await isCached(version)) return clientsJar(releaseFolder(version), version);
  throw new TargetError(`Kafka ${version} is not in the cache: HOP_TEST_REQUIRE=jvm pnpm test fetches it by Maven`);
}

/**
 * Runs a class of a release's own tools, e.g. `org.apache.kafka.tools.TopicCommand`, against whatever broker its
 * arguments name. The release has to be in the cache.
 */
export async function spawnTool(version: string, mainClass: string, args: readonly string[]): Promise<ChildProcess> {
  const folder = releaseFolder(version);
  return spawnJava({ folder, classPath: await classPath(folder), flags: TOOL_FLAGS, mainClass, args });
}
