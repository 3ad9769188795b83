// Where the interop tests run, as HOP_TEST_BROKER says: on each release of Kafka that a test names, or once on the one
// broker that there is. What that one cannot offer is skipped, and the reason stands in the test's name.
import { externalListener } from './external.ts';
import { hasTools } from './maven.ts';
import { isCached, KAFKA_MODERN } from './releases.ts';
import { kindWanted, missing, startTarget } from './select.ts';
import { type Listener, type Target, TargetError, type TargetKind } from './target.ts';

/**
 * What a test needs of its broker: a listener; rights that `users` have or lack (`acl`); formats of before Kafka 0.11
 * (`messageSets`); to kill and start it (`restart`); Java's tools run against it (`tools`); or to be the release of
 * Kafka that is named, because the answers are those of that one (`release`).
 */
export type Need = Listener | 'acl' | 'messageSets' | 'restart' | 'tools' | 'release';

type Lack = string | null;

/** A broker that tests can be run on. */
export class Place {
  readonly kind: TargetKind;
  /** For the names of tests. */
  readonly name: string;
  /** Why nothing can run here; null when it can. */
  readonly reason: string | null;
  readonly #version: string | undefined;
  readonly #lack: (need: Need) => Lack;

  constructor(
    place: { kind: TargetKind; name: string; reason: string | null; version?: string },
    lack: (need: Need) => Lack,
  ) {
    this.kind = place.kind;
    this.name = place.name;
    this.reason = place.reason;
    this.#version = place.version;
    this.#lack = lack;
  }

  /** Why a test that needs these cannot run here, also when nothing can; null when it can. */
  lacks(...needs: readonly Need[]): string | null {
    if (this.reason) return this.reason;
    for (const need of needs) {
      const lack = this.#lack(need);
      if (lack) return lack;
    }
    return null;
  }

  start(): Promise<Target> {
    return startTarget({ kind: this.kind, ...(this.#version ? { kafkaVersion: this.#version } : {}) });
  }
}

/** For the name of a suite or test: ` [skipped: reason]`, which `pnpm test` counts; empty without a reason. */
export function because(reason: string | null): string {
  return reason ? ` [skipped: ${reason}]` : '';
}

/**
 * @param versions releases of Kafka that the tests are for
 * @throws {TargetError} when HOP_TEST_REQUIRE names what is missing, or HOP_TEST_BROKER nothing that exists
 */
export async function placesFor(
  versions: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<readonly [Place, ...Place[]]> {
  const kind = kindWanted(env);
  if (kind === 'external') return [await externalPlace(env)];
  if (kind === 'embedded') return [embeddedPlace()];
  if (kind === 'docker') return [dockerPlace(await missing('docker', env))];
  const reason = await missing('jvm', env);
  const [first, ...others] = versions.map((version) => jvmPlace(version, reason));
  if (!first) throw new TargetError('tests name at least one release of Kafka');
  return [first, ...others];
}

function jvmPlace(version: string, reason: string | null): Place {
  return new Place({ kind: 'jvm', name: `Kafka ${version}`, reason, version }, (need) => {
    if (need === 'tools' && !hasTools(version)) return `Kafka ${version} has no tools`;
    if (need === 'messageSets' && !version.startsWith('3.')) return `Kafka ${version} takes no message sets`;
    return null;
  });
}

function embeddedPlace(): Place {
  return new Place({ kind: 'embedded', name: 'the embedded broker', reason: null }, (need) => {
    if (need === 'tools') return "Java's tools are not run against the embedded broker here";
    if (need === 'acl') return 'the embedded broker lets every user do everything unless a test says otherwise';
    return need === 'release' ? ofRelease('the embedded broker') : null;
  });
}

function dockerPlace(reason: string | null): Place {
  return new Place({ kind: 'docker', name: 'Kafka in Docker', reason }, (need) => {
    if (need === 'plaintext') return null;
    return need === 'release' ? ofRelease('a container') : `Kafka in Docker offers no ${need}`;
  });
}

/** What it has beyond its listener is told by HOP_TEST_CAPS. */
async function externalPlace(env: NodeJS.ProcessEnv): Promise<Place> {
  const address = env.HOP_TEST_BOOTSTRAP;
  const reason = address ? null : 'HOP_TEST_BROKER=external needs HOP_TEST_BOOTSTRAP=host:port';
  if (reason) throw new TargetError(reason);
  const name = `the broker at ${address}`;
  const listener = externalListener(env);
  const told = new Set((env.HOP_TEST_CAPS ?? '').split(/[ ,]+/));
  const hasJars = await isCached(KAFKA_MODERN);
  return new Place({ kind: 'external', name, reason: null }, (need) => {
    if (need === listener) return null;
    if (need === 'restart') return `${name} is not ours to stop: this needs one that the tests start`;
    if (need === 'release') return ofRelease(name);
    if (need === 'tools') return toolsLack(name, listener, hasJars);
    if (need === 'acl' || need === 'messageSets') {
      return told.has(need) ? null : `HOP_TEST_CAPS does not say that ${name} has ${need}`;
    }
    return `${name} is ${listener}, not ${need}`;
  });
}

function toolsLack(name: string, listener: Listener, hasJars: boolean): Lack {
  if (listener !== 'plaintext') return `Java's tools have no credentials for ${name}`;
  return hasJars ? null : `Java's tools are in the jars of Kafka ${KAFKA_MODERN}, which are not cached (pnpm jars)`;
}

function ofRelease(name: string): string {
  return `this is about releases of Kafka, and ${name} may be any`;
}
