// Real Kafka in a JVM, without containers: jars from Maven, a formatted folder and a class-data archive kept in a cache,
// so that a broker with every security listener is ready in about a second.
import type { ChildProcess } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from './certificates.ts';
import { ClassArchive } from './class-archive.ts';
import { coordinatorAnswers } from './coordinator.ts';
import { type JavaRun, runJava, spawnJava } from './java.ts';
import { KafkaProcess } from './kafka-process.ts';
import { classPath, hasTools, installKafka } from './maven.ts';
import { freePorts } from './ports.ts';
import { advertisedHost, type Ports, serverProperties } from './properties.ts';
import { CLUSTER_ID, releaseFolder, TOOL_FLAGS } from './releases.ts';
import { type Capability, type Control, type Listener, type Target, TargetError, users } from './target.ts';

/** Starts a fresh broker; downloads the release when it is not in the cache. */
export async function startJvm(version: string): Promise<Target> {
  const folder = releaseFolder(version);
  await installKafka(version, folder);
  const jars = await classPath(folder);
  const work = await mkdtemp(join(tmpdir(), 'hopwire-kafka-'));
  const [ports, certificates] = await Promise.all([portsOf(), makeCertificates()]);
  const properties = await configure(version, work, ports, certificates);
  await format(folder, jars, properties, join(work, 'data'));
  const run = { folder, classPath: jars, mainClass: 'kafka.Kafka', args: [properties] };
  const broker = new JvmBroker(run, `127.0.0.1:${ports.plaintext}`);
  await broker.start();
  return new JvmTarget(version, folder, jars, work, ports, certificates, broker);
}

async function configure(version: string, work: string, ports: Ports, certificates: Certificates): Promise<string> {
  const files = { data: join(work, 'data'), keystore: join(work, 'broker.pem'), truststore: join(work, 'ca.pem') };
  await writeFile(files.keystore, `${certificates.brokerKey}\n${certificates.brokerCert}\n${certificates.ca}\n`);
  await writeFile(files.truststore, certificates.ca);
  await writeFile(join(work, 'server.properties'), serverProperties(version, ports, files));
  return join(work, 'server.properties');
}

/** What a release's first start leaves in its cache and later starts are quick by: started and stopped once if need be. */
export async function warmUp(version: string): Promise<void> {
  const folder = releaseFolder(version);
  if ((await isFolder(formattedFolder(folder))) && (await ClassArchive.isThere(folder))) return;
  await (await startJvm(version)).close();
}

/** A folder that is formatted for node 1, to be copied. */
export const formattedFolder = (folder: string): string => join(folder, 'formatted');

/** The formatted folder with its SCRAM users is made once for a release, then copied. */
async function format(folder: string, jars: string, properties: string, data: string): Promise<void> {
  const formatted = formattedFolder(folder);
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

async function portsOf(): Promise<Ports> {
  const [plaintext = 0, tls = 0, mtls = 0, saslPlaintext = 0, saslTls = 0, controller = 0] = await freePorts(6);
  return { plaintext, tls, mtls, saslPlaintext, saslTls, controller };
}

/** The broker's process, and the wait until groups can be used. */
class JvmBroker implements Control {
  readonly #process: KafkaProcess;
  readonly #plaintext: string;

  /** @param plaintext `host:port` of its plaintext listener */
  constructor(run: JavaRun, plaintext: string) {
    this.#process = new KafkaProcess({ ...run, flags: ['-Xms256m', '-Xmx512m'] });
    this.#plaintext = plaintext;
  }

  async start(): Promise<void> {
    await this.#process.start();
    await coordinatorAnswers(this.#plaintext).catch(async (error) => {
      await this.kill();
      throw error;
    });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  kill(): Promise<void> {
    return this.#process.kill();
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
  readonly listener = 'plaintext';
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
