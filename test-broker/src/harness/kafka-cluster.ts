// A real cluster in JVMs: one controller that no fault meets, and three brokers that may be killed, frozen, restarted,
// and cut off from their clients. Three copies of everything, two of which must be written; a lost broker is noticed in
// two seconds.
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterNode } from './cluster-node.ts';
import { brokerProperties, type ClusterLayout, controllerProperties, type NodePorts } from './cluster-properties.ts';
import { coordinatorAnswers } from './coordinator.ts';
import { formattedFolder, warmUp } from './jvm.ts';
import { KafkaProcess } from './kafka-process.ts';
import { classPath } from './maven.ts';
import { freePorts } from './ports.ts';
import { CLUSTER_ID, KAFKA_MODERN, releaseFolder } from './releases.ts';
import { TcpProxy } from './tcp-proxy.ts';

const BROKERS = [1, 2, 3] as const;
const CONTROLLER_ID = 100;
const PORTS_PER_NODE = 3;
const BROKER_HEAP: readonly string[] = ['-Xms192m', '-Xmx384m'];
const CONTROLLER_HEAP: readonly string[] = ['-Xms96m', '-Xmx192m'];

/** What all nodes of one cluster are started with. */
interface Place {
  readonly release: string;
  readonly classPath: string;
  readonly work: string;
  readonly layout: ClusterLayout;
}

export interface ClusterOptions {
  /** Kafka's release. Default: the modern one. */
  readonly version?: string;
}

/** Dispose of it by `close()` or `await using`. */
export class KafkaCluster implements AsyncDisposable {
  readonly version: string;
  readonly nodes: readonly ClusterNode[];
  readonly #controller: KafkaProcess;
  readonly #work: string;

  private constructor(version: string, nodes: readonly ClusterNode[], controller: KafkaProcess, work: string) {
    this.version = version;
    this.nodes = nodes;
    this.#controller = controller;
    this.#work = work;
  }

  /** Resolves when all three are there and groups can be used. Downloads the release when it is not in the cache. */
  static async start({ version = KAFKA_MODERN }: ClusterOptions = {}): Promise<KafkaCluster> {
    await warmUp(version);
    const release = releaseFolder(version);
    const work = await mkdtemp(join(tmpdir(), 'hopwire-cluster-'));
    const [controllerPort = 0, ...ports] = await freePorts(1 + BROKERS.length * PORTS_PER_NODE);
    const layout = { controllerPort, controllerId: CONTROLLER_ID };
    const place = { release, classPath: await classPath(release), work, layout };
    const controller = await newController(place);
    const nodes = await Promise.all(BROKERS.map((id, i) => newNode(place, id, portsOf(ports, i))));
    const cluster = new KafkaCluster(version, nodes, controller, work);
    await cluster.#start().catch(async (error: unknown) => {
      await cluster.close();
      throw error;
    });
    return cluster;
  }

  /** Addresses of all three, as clients are to use them. */
  get bootstrap(): string[] {
    return this.nodes.map(({ address }) => address);
  }

  /** @throws {RangeError} when there is no such broker */
  node(id: number): ClusterNode {
    const found = this.nodes.find((node) => node.id === id);
    if (!found) throw new RangeError(`the cluster has no broker ${id}, only ${BROKERS.join(', ')}`);
    return found;
  }

  /** Kills everything and removes its files. */
  async close(): Promise<void> {
    await Promise.all([...this.nodes.map((node) => node.kill()), this.#controller.kill()]);
    await rm(this.#work, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(): Promise<void> {
    await Promise.all([this.#controller.start(), ...this.nodes.map((node) => node.start())]);
    for (const { directAddress } of this.nodes) await coordinatorAnswers(directAddress);
  }
}

function portsOf(ports: readonly number[], node: number): NodePorts {
  const [advertised = 0, client = 0, internal = 0] = ports.slice(node * PORTS_PER_NODE);
  return { advertised, client, internal };
}

async function newNode(place: Place, id: number, ports: NodePorts): Promise<ClusterNode> {
  const { data, properties } = await prepare(place, id);
  await writeFile(properties, brokerProperties(place.layout, id, ports, data));
  const proxy = new TcpProxy(ports.advertised, ports.client);
  return new ClusterNode(id, processOf(place, properties, BROKER_HEAP), proxy, `127.0.0.1:${ports.internal}`);
}

async function newController(place: Place): Promise<KafkaProcess> {
  const { data, properties } = await prepare(place, CONTROLLER_ID);
  await writeFile(properties, controllerProperties(place.layout, data));
  return processOf(place, properties, CONTROLLER_HEAP);
}

function processOf({ release, classPath }: Place, properties: string, flags: readonly string[]): KafkaProcess {
  return new KafkaProcess({ folder: release, classPath, flags, mainClass: 'kafka.Kafka', args: [properties] });
}

/** The release's formatted folder, which was made for node 1, under this node's number. */
async function prepare({ release, work }: Place, id: number): Promise<{ data: string; properties: string }> {
  const data = join(work, `node-${id}`);
  await mkdir(data, { recursive: true });
  await cp(formattedFolder(release), data, { recursive: true });
  const meta = ['version=1', `cluster.id=${CLUSTER_ID}`, `node.id=${id}`, `directory.id=${newDirectoryId()}`];
  await writeFile(join(data, 'meta.properties'), `${meta.join('\n')}\n`);
  return { data, properties: join(work, `node-${id}.properties`) };
}

/** A UUID as Kafka writes it; it must not begin with a dash. */
function newDirectoryId(): string {
  const text = randomBytes(16).toString('base64url');
  return text.startsWith('-') ? newDirectoryId() : text;
}
