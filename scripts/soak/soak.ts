// One soak: a cluster, the client in its process, an observer, one fault after the other, and the reckoning.
import { setTimeout as delay } from 'node:timers/promises';
import { CreateTopics, Errors } from '@hopwire/protocol';
import { Conversation, freePorts, KafkaCluster, TcpProxy } from '@hopwire/test-broker/harness';
import { Random } from '../../packages/protocol/src/testing/random.ts';
import { type Judgement, judge, type Violation } from './checks.ts';
import { ClientProcess } from './client-process.ts';
import { now } from './clock.ts';
import { type Done, faults, type Scene } from './faults.ts';
import { Ledger } from './ledger.ts';
import { readLogs } from './log.ts';
import type { Closed, Quiet } from './messages.ts';
import { Observer } from './observer.ts';
import { epochsIn, type FaultWindow, type Recovery, recoveriesOf, unknownEpochs } from './recovery.ts';
import { growth } from './resources.ts';
import { turns } from './schedule.ts';
import { NEWCOMERS, READERS, TOPICS } from './workload.ts';

const CREATE_VERSION = 7;
const COPIES = 3;
const HEALTH_MS = 60_000;
/** After the cluster is whole again, before the next fault. */
const CALM_MS = 5000;
const WARM_UP_MS = 60_000;
const DRAIN_MS = 60_000;
const POLL_MS = 100;

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly kafka: string;
  /** Module of the client. */
  readonly client: string;
  readonly rate: number;
  readonly apart: boolean;
  /** Kinds of faults. */
  readonly kinds: readonly string[];
  readonly clientLog: string;
  readonly say: (line: string) => void;
}

export interface SoakResult {
  readonly ledger: Ledger;
  readonly recoveries: readonly Recovery[];
  readonly judgement: Judgement;
  /** Those of the judgement, and those of the process. */
  readonly violations: readonly Violation[];
}

/** A fault, and the time until the next one. */
interface Lived {
  readonly window: FaultWindow;
  readonly done: Done;
}

export async function soak(options: SoakOptions): Promise<SoakResult> {
  const ledger = new Ledger();
  await using cluster = await KafkaCluster.start({ version: options.kafka });
  await createTopics(cluster);
  const observer = new Observer(cluster);
  const client = new ClientProcess((event) => ledger.note(event), options.clientLog);
  await using door = await openDoor(cluster);
  try {
    client.begin({ bootstrap: cluster.bootstrap, client: options.client, rate: options.rate, apart: options.apart });
    await Promise.all([observer.untilHealthy(HEALTH_MS), everybodyReads(ledger)]);
    const random = new Random(options.seed, 'soak');
    const lived = await liveThrough(options, { cluster, observer, client, door, random }, ledger);
    return await reckon(lived, { cluster, observer, client, ledger });
  } finally {
    observer.stop();
    client.kill();
  }
}

async function createTopics(cluster: KafkaCluster): Promise<void> {
  await using conversation = Conversation.open(cluster.node(1).directAddress);
  const topics = [...TOPICS, NEWCOMERS].map(({ topic: name, partitions: numPartitions }) => {
    return { name, numPartitions, replicationFactor: COPIES, assignments: [], configs: [] };
  });
  const request = { topics, timeoutMs: 30_000, validateOnly: false };
  const { body } = await conversation.ask(CreateTopics, CREATE_VERSION, request);
  const failed = body.topics.find(({ errorCode }) => errorCode !== Errors.NONE);
  if (failed) throw new Error(`${failed.name} could not be created: ${failed.errorMessage}`);
}

async function openDoor(cluster: KafkaCluster): Promise<TcpProxy> {
  const [port = 0] = await freePorts(1);
  return new TcpProxy(port, Number(cluster.node(1).address.split(':')[1]));
}

/** Every reader has read from every partition that records go to. */
async function everybodyReads({ reads, acknowledgements }: Ledger): Promise<void> {
  const partitions = TOPICS.reduce((sum, topic) => sum + topic.partitions, 0);
  const isDone = (): boolean =>
    acknowledgements.size === partitions && READERS.every((reader) => reads.get(reader)?.size === partitions);
  await until(isDone, WARM_UP_MS, () => {
    const got = READERS.map((reader) => `${reader} ${reads.get(reader)?.size}`).join(', ');
    return `before any fault, records went to ${acknowledgements.size} of ${partitions} partitions; read: ${got}`;
  });
}

async function until(isDone: () => boolean, timeoutMs: number, problem: () => string): Promise<void> {
  const end = now() + timeoutMs;
  while (!isDone()) {
    if (now() > end) throw new Error(`not within ${timeoutMs} ms: ${problem()}`);
    await delay(POLL_MS);
  }
}

async function liveThrough(options: SoakOptions, scene: Scene, ledger: Ledger): Promise<Lived[]> {
  const end = now() + options.minutes * 60_000;
  const lived: Lived[] = [];
  for (const { kind, pauseMs } of turns(options.kinds, scene.random)) {
    if (now() >= end) break;
    const one = await oneFault(kind, pauseMs, scene);
    lived.push(one);
    const { intervals } = scene.observer.availability;
    const [recovery] = recoveriesOf(one.window, { intervals, ledger, epochAt: unknownEpochs });
    if (recovery) options.say(faultLine(one, recovery));
  }
  return lived;
}

async function oneFault(kind: string, pauseMs: number, scene: Scene): Promise<Lived> {
  const from = now();
  const done = await faults[kind]?.(scene);
  if (!done) throw new RangeError(`there is no fault '${kind}', only: ${Object.keys(faults).join(', ')}`);
  const rightedAt = now();
  await scene.observer.untilHealthy(HEALTH_MS);
  await delay(Math.max(CALM_MS, from + pauseMs - now()));
  return { window: { kind, detail: done.detail, from, rightedAt, until: now() }, done };
}

function faultLine({ window }: Lived, { acknowledgements, records, longestGapMs }: Recovery): string {
  const worst = (values: readonly number[]): string => (values.length ? Math.max(...values).toFixed(0) : '-');
  const gap = `gaps ${longestGapMs.acknowledgement.toFixed(0)} and ${longestGapMs.record.toFixed(0)} ms`;
  return `${window.kind} (${window.detail}): ack ${worst(acknowledgements)}, record ${worst(records)} ms; ${gap}`;
}

interface Ending {
  readonly cluster: KafkaCluster;
  readonly observer: Observer;
  readonly client: ClientProcess;
  readonly ledger: Ledger;
}

async function reckon(lived: readonly Lived[], { cluster, observer, client, ledger }: Ending): Promise<SoakResult> {
  const quiet = await client.stopSending();
  const logs = await readLogs(cluster, TOPICS);
  const inLogs = [...logs.values()].reduce((sum, records) => sum + records.length, 0);
  // Who has not got everything by then is named by the judgement.
  await until(() => READERS.every((r) => ledger.delivered.get(r) === inLogs), DRAIN_MS, String).catch(() => undefined);
  const closed = await client.close();
  const endsByItself = await client.ends();
  const judgement = judge(ledger, logs);
  const evidence = { intervals: observer.availability.intervals, ledger, epochAt: epochsIn(logs) };
  return {
    ledger,
    recoveries: lived.flatMap(({ window, done }) => withNewcomer(recoveriesOf(window, evidence), done)),
    judgement,
    violations: [
      ...judgement.violations,
      ...newcomersThatFailed(lived),
      ...growth(ledger.samples),
      ...ofTheEnd(quiet, closed, endsByItself),
    ],
  };
}

/** The one that was started counts in place of partitions. */
function withNewcomer([recovery, ...rest]: readonly Recovery[], { newcomer }: Done): Recovery[] {
  if (!recovery) return [];
  if (!newcomer || newcomer.acknowledgedAt === null || newcomer.readAt === null) return [recovery, ...rest];
  const since = (at: number): number[] => [Math.max(0, at - newcomer.passedAt)];
  return [{ ...recovery, acknowledgements: since(newcomer.acknowledgedAt), records: since(newcomer.readAt) }, ...rest];
}

function newcomersThatFailed(lived: readonly Lived[]): Violation[] {
  const rule = 'a client that starts while a port hangs up waits until it does not';
  return lived.flatMap(({ done }) => (done.newcomer?.error ? [{ rule, detail: done.newcomer.error }] : []));
}

function ofTheEnd({ unsettled }: Quiet, { error, left }: Closed, endsByItself: boolean): Violation[] {
  const rules: [boolean, string, string][] = [
    [unsettled > 0, 'every send has its answer by its deadline', `${unsettled} have none`],
    [error !== null, 'close() does not fail', String(error)],
    [left.length > 0, 'after close() nothing is left', left.join(', ')],
    [!endsByItself, 'the process ends by itself after close()', 'it had to be killed, or failed'],
  ];
  return rules.filter(([broken]) => broken).map(([, rule, detail]) => ({ rule, detail }));
}
