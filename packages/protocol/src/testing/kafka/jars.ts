// Kafka's own message definitions, read out of the kafka-clients jars of several releases where the test harness keeps
// them. They are the referee of every codec; nothing of them is copied.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { strFromU8, unzipSync } from 'fflate';
import { isRequired } from '../shared.ts';
import type { Definition } from './definition.ts';

/** Newest first: where releases disagree about a version, the newest that has it is right. */
export const RELEASES = ['4.4.0', '4.3.1', '3.9.2'] as const;

export type Release = (typeof RELEASES)[number];

const cache = process.env.HOP_TEST_KAFKA_LIB ?? fileURLToPath(new URL('../../../../../.cache', import.meta.url));
const absent = RELEASES.filter((release) => !existsSync(jarOf(release)));
const remedy = 'HOP_TEST_REQUIRE=jvm pnpm test fetches them by Maven';

/** Why a test over them is skipped; null when they are there, or when they have to be. */
export const jarsMissing: string | null =
  absent.length === 0 || isRequired('jvm') ? null : `jars of Kafka ${absent.join(', ')} are not cached, ${remedy}`;

/** Name of a suite over them, which says why it is skipped. */
export function overJars(name: string): string {
  return jarsMissing ? `${name} [skipped: ${jarsMissing}]` : name;
}

/** The definitions of a release by name; none when the jars are missing and may be. */
export function definitionsOf(release: Release): ReadonlyMap<string, Definition> {
  if (jarsMissing) return new Map();
  if (absent.includes(release)) throw new Error(`${jarOf(release)} is not there: ${remedy}`);
  const files = unzipSync(readFileSync(jarOf(release)), {
    filter: ({ name }) => /^common\/message\/\w+\.json$/.test(name),
  });
  const definitions = Object.values(files).map(parsed);
  return new Map(definitions.map((definition) => [definition.name, definition]));
}

function jarOf(release: Release): string {
  return `${cache}/kafka-${release}/lib/kafka-clients-${release}.jar`;
}

// JSON with comments, which stand on lines of their own.
function parsed(file: Uint8Array): Definition {
  return JSON.parse(strFromU8(file).replace(/^\s*\/\/.*$/gm, '')) as Definition;
}
