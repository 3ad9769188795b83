// Which broker a test runs against, and what to say when it cannot be had.
//
// HOP_TEST_BROKER=auto|embedded|jvm|docker|external chooses; `auto` is external when HOP_TEST_BOOTSTRAP is set, then jvm
// when its jars are cached, else embedded. HOP_TEST_REQUIRE=jvm,shared names what must not be skipped.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasDocker, startDocker } from './docker.ts';
import { startEmbedded } from './embedded.ts';
import { externalTarget } from './external.ts';
import { startJvm } from './jvm.ts';
import { hasCommand } from './maven.ts';
import { isCached, KAFKA_MODERN, KAFKA_VERSIONS } from './releases.ts';
import { type Target, TargetError, type TargetKind } from './target.ts';

/** What a test may need that is not on every machine. */
export type Resource = 'jvm' | 'docker' | 'shared' | 'python';

const sharedFolder = process.env.HOP_SHARED ?? fileURLToPath(new URL('../../../../shared', import.meta.url));

/** A file of the material shared by tests, e.g. `samples/voevent`. */
export function sharedPath(path: string): string {
  return `${sharedFolder}/${path}`;
}

/**
 * Why a resource is missing, as text for the name of a skipped test; null when it is there.
 *
 * @throws {TargetError} when it is missing although HOP_TEST_REQUIRE names it
 */
export async function missing(resource: Resource, env: NodeJS.ProcessEnv = process.env): Promise<string | null> {
  const required = (env.HOP_TEST_REQUIRE ?? '').split(',').includes(resource);
  const reason = await reasons[resource](required, env);
  if (reason && required) throw new TargetError(`HOP_TEST_REQUIRE names ${resource}, but ${reason}`);
  return reason;
}

const reasons: Readonly<Record<Resource, (required: boolean, env: NodeJS.ProcessEnv) => Promise<string | null>>> = {
  async jvm(required) {
    if (!(await hasCommand('java', '-version'))) return 'java is not on the path';
    const cached = await Promise.all(KAFKA_VERSIONS.map(isCached));
    if (required || cached.every(Boolean)) return null;
    const absent = KAFKA_VERSIONS.filter((_, i) => !cached[i]).join(', ');
    return `jars of Kafka ${absent} are not cached (HOP_TEST_REQUIRE=jvm pnpm test fetches them by Maven)`;
  },
  async docker() {
    return (await hasDocker()) ? null : 'no Docker daemon answers';
  },
  async shared() {
    return existsSync(sharedPath('samples')) ? null : 'the shared test material is not beside the repository';
  },
  async python(_required, env) {
    return env.HOP_TEST_PYTHON ? null : 'HOP_TEST_PYTHON names no Python with hop-client';
  },
};

/** Starts the broker that the environment, or `kind`, asks for. */
export async function startTarget(
  options: { kind?: TargetKind | 'auto'; kafkaVersion?: string } = {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<Target> {
  const version = options.kafkaVersion ?? env.HOP_TEST_KAFKA_VERSION ?? KAFKA_MODERN;
  const wanted = options.kind ?? kindWanted(env);
  const kind = wanted === 'auto' ? await kindAtHand(version) : wanted;
  return starters[kind](version, env);
}

const starters: Readonly<Record<TargetKind, (version: string, env: NodeJS.ProcessEnv) => Promise<Target>>> = {
  embedded: () => startEmbedded(),
  jvm: (version) => startJvm(version),
  docker: () => startDocker(),
  external: (_version, env) => externalTarget(env),
};

const KINDS: readonly (TargetKind | 'auto')[] = ['auto', 'embedded', 'jvm', 'docker', 'external'];

/**
 * What HOP_TEST_BROKER asks for. `auto` with a HOP_TEST_BOOTSTRAP is `external`.
 *
 * @throws {TargetError} when it names nothing that exists
 */
export function kindWanted(env: NodeJS.ProcessEnv = process.env): TargetKind | 'auto' {
  const wanted = env.HOP_TEST_BROKER ?? 'auto';
  const kind = KINDS.find((name) => name === wanted);
  if (!kind) throw new TargetError(`HOP_TEST_BROKER=${wanted}: choose auto, embedded, jvm, docker or external`);
  return kind === 'auto' && env.HOP_TEST_BOOTSTRAP ? 'external' : kind;
}

async function kindAtHand(version: string): Promise<TargetKind> {
  return (await isCached(version)) ? 'jvm' : 'embedded';
}
