// Real Kafka in a JVM, without containers: jars from Maven, a formatted folder and a class-data archive kept in a cache,
// so that a broker with every security listener is ready in about a second.
import type { ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Certificates, makeCertificates } from './certificates.ts';
import { coordinatorAnswers } from './coordinator.ts';
import { exited, type JavaRun, printed, runJava, spawnJava } from './java.ts';
import { classPath, clientsJar, hasKafka, hasTools, installKafka } from './maven.ts';
import { advertisedHost, listeners, type Ports, serverProperties } from './properties.ts';
import { type Capability, type Control, type Listener, type Target, TargetError, users } from './target.ts';

/** Modern Kafka with its command-line tools; the last release that takes the old message formats; the newest, without tools. */
export const KAFKA_MODERN = '4.3.1';
export const KAFKA_OLD = '3.9.2';
export const KAFKA_NEWEST = '4.4.0';
/** Every release that tests want. */
export const KAFKA_VERSIONS: readonly string[] = [KAFKA_OLD, KAFKA_MODERN, KAFKA_NEWEST];

const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';
const TOOL_FLAGS: readonly string[] = ['-Xmx256m'];
const cacheRoot = process.env.HOP_TEST_KAFKA_LIB ?? fileURLToPath(new URL('../../../.cache', import.meta.url));
const cacheFolder = (version: string): string => join(cacheRoot, `kafka-${version}`);

/** Can this release be started without downloading anything? */
export function isCached(version: string): Promise<boolean> {
  return hasKafka(cacheFolder(version));
}

/** Downloads the releases that are not in the cache yet. */
export async function installAll(versions: readonly string[] = KAFKA_VERSIONS): Promise<void> {
  for (const version of versions) await installKafka(version, cacheFolder(version));
}

/**
 * Path of a release's kafka-clients jar, which holds Kafka's message definitions under `common/message`.
 *
 * @throws {TargetError} when the release is not in the cache
 */
export async function kafkaClientsJar(version: string): Promise<string> {
  if (await isCached(version)) return clientsJar(cacheFolder(version), version);
  throw new TargetError(`Kafka ${version} is not in the cache: HOP_TEST_REQUIRE=jvm pnpm test fetches it by Maven`);
}

/** Starts a fresh broker; downloads the release when it is not in the cache. */
export async function startJvm(version: string): Promise<Target> {
  const folder = cacheFolder(version);
  await installKafka(version, folder);
  const jars = await classPath(folder);
  const work = await mkdtemp(join(tmpdir(), 'hopwire-kafka-'));
  const [ports, certificates] = await Promise.all([freePorts(), makeCertificates()]);
  const properties = await configure(version, work, ports, certificates);
  await format(folder, jars, properties, join(work, 'data'));
  const run = { folder, classPath: jars, mainClass: 'kafka.Kafka', args: [properties] };
  const broker = new JvmBroker(run, `127.0.0.1:${ports.plaintext}`);
  await broker.start();
  return new JvmTarget(version, folder, jars, work, ports, certificates, broker);
}

/**
 * Runs a class of a release's own tools, e.g. `org.apache.kafka.tools.TopicCommand`, against whatever broker its
 * arguments name. The release has to be in the cache.
 */
export async function spawnTool(version: string, mainClass: string, args: readonly string[]): Promise<ChildProcess> {
  const folder = cacheFolder(version);
  return spawnJava({ folder, classPath: await classPath(folder), flags: TOOL_FLAGS, mainClass, args });
}

async function configure(version: string, work: string, ports: Ports, certificates: Certificates): Promise<string> {
  const files = { data: join(work, 'data'), keystore: join(work, 'broker.pem'), truststore: join(work, 'ca.pem') };
  await writeFile(files.keystore, `${certificates.brokerKey}\n${certificates.brokerCert}\n${certificates.ca}\n`);
  await writeFile(files.truststore, certificates.ca);
  await writeFile(join(work, 'server.properties'), serverProperties(version, ports, files));
  return join(work, 'server.properties');
}

/** The formatted folder with its SCRAM users is made once for a release, then copied. */
async function format(folder: string, jars: string, properties: string, data: string): Promise<void> {
  const formatted = join(folder, 'formatted');
  if (!(await isFolder(formatted))) {
    await runJava({ folder, classPath: jars, mainClass: 'kafka.tools.StorageTool', args: formatArguments(properties) });
    await cp(data, `${formatted}.${process.pid}`, { recursive: true });
    await rename(`${formatted}.${process.pid}`, formatted).catch(() =>
      rm(`${formatted}.${process.pid}`, { recursive: true }),
    );
  } else {
    await mkdir(data, { recursive: true });
    await cp(formatted, data, { recursive: true });
  }
}

function formatArguments(properties: string): string[] {
  const scram = Object.entries(users).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((m) => ['--add-scram', `${m}=[name=${name},password=${password}]`]),
  );
  return ['format', '-t', CLUSTER_ID, '-c', properties, '--ignore-formatted', ...scram];
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** Kernel-chosen ports, all held at the same time so that they differ. */
async function freePorts(): Promise<Ports> {
  const wanted = [...listeners, 'controller'] as const;
  const servers = await Promise.all(
    wanted.map(async (name) => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      if (address === null || typeof address === 'string') throw new TargetError('no port could be had');
      return { name, server, port: address.port };
    }),
  );
  await Promise.all(servers.map(({ server }) => new Promise((resolve) => server.close(resolve))));
  const port = (name: Listener | 'controller'): number => servers.find((s) => s.name === name)?.port ?? 0;
  return {
    plaintext: port('plaintext'),
    tls: port('tls'),
    mtls: port('mtls'),
    saslPlaintext: port('saslPlaintext'),
    saslTls: port('saslTls'),
    controller: port('controller'),
  };
}

/** The broker's process, which may be killed and started again. */
class JvmBroker implements Control {
  readonly #run: JavaRun;
  readonly #plaintext: string;
  #process: ChildProcess | null = null;

  /** @param plaintext `host:port` of its plaintext listener */
  constructor(run: JavaRun, plaintext: string) {
    this.#run = run;
    this.#plaintext = plaintext;
  }

  async start(): Promise<void> {
    const archive = join(this.#run.folder, 'kafka.jsa');
    const known = await stat(archive).then(
      () => true,
      () => false,
    );
    // The archive is written when the first broker stops politely; a copy in the making must not be used.
    const flag = known ? `-XX:SharedArchiveFile=${archive}` : `-XX:ArchiveClassesAtExit=${archive}`;
    const child = spawnJava({
      ...this.#run,
      flags: ['-Xms256m', '-Xmx512m', '-Xlog:cds=off', '-Xlog:cds+dynamic=off', flag],
    });
    this.#process = child;
    await printed(child, 'Kafka Server started');
    await coordinatorAnswers(this.#plaintext).catch(async (error) => {
      await this.kill();
      throw error;
    });
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (!child) return;
    child.kill(signal);
    await exited(child);
    this.#process = null;
  }
}

function capabilitiesOf(version: string): Capability[] {
  const always: Capability[] = ['tls', 'sasl', 'scram', 'acl', 'restart'];
  const tools: Capability[] = hasTools(version) ? ['tools'] : [];
  const messageSets: Capability[] = version.startsWith('3.') ? ['messageSets'] : [];
  return [...always, ...tools, ...messageSets];
}

class JvmTarget implements Target {
  readonly kind = 'jvm';
  readonly version: string;
  readonly capabilities: ReadonlySet<Capability>;
  readonly certificates: Certificates;
  readonly control: Control;
  readonly #folder: string;
  readonly #classPath: string;
  readonly #work: string;
  readonly #ports: Ports;

  constructor(
    version: string,
    folder: string,
    jars: string,
    work: string,
    ports: Ports,
    certificates: Certificates,
    control: Control,
  ) {
    this.version = version;
    this.#folder = folder;
    this.#classPath = jars;
    this.#work = work;
    this.#ports = ports;
    this.certificates = certificates;
    this.control = control;
    this.capabilities = new Set(capabilitiesOf(version));
  }

  bootstrap(listener: Listener = 'plaintext'): string {
    return `${advertisedHost(listener)}:${this.#ports[listener]}`;
  }

  tool(mainClass: string, args: readonly string[]): ChildProcess {
    if (!this.capabilities.has('tools')) throw new TargetError(`Kafka ${this.version} has no tools: ${mainClass}`);
    return spawnJava({ folder: this.#folder, classPath: this.#classPath, flags: TOOL_FLAGS, mainClass, args });
  }

  async close(): Promise<void> {
    await this.control.stop();
    await rm(this.#work, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
