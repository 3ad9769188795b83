// Three consumers of ours and one of Java's share a group on real Kafka while members come, go and die.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { because, KAFKA_MODERN, placesFor } from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Consumer, Kafka } from '../index.ts';
import { Scratch } from '../testing/scratch.ts';

const [place] = await placesFor([KAFKA_MODERN]);
const lack = place.lacks('plaintext', 'tools');
const PARTITIONS = 6;
const MESSAGES = 3000;

interface Member {
  readonly consumer: Consumer;
  readonly kafka: Kafka;
  readonly ended: Promise<void>;
}

function lines(child: ChildProcess, each: (line: string) => void): void {
  if (child.stdout) createInterface({ input: child.stdout }).on('line', each);
}

/** One of ours in a process of its own. */
function startMember(bootstrap: string, topic: string, groupId: string): ChildProcess {
  const member = fileURLToPath(new URL('../testing/member.ts', import.meta.url));
  const node = ['--import', 'tsx', '--conditions=hopwire-source', member, bootstrap, topic, groupId];
  return spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe.skipIf(lack)(`A group of ours and Java's on ${place.name}${because(lack)}`, () => {
  let scratch: Scratch;
  let topic: string;
  let groupId: string;
  beforeAll(async () => {
    scratch = new Scratch(await place.start());
    groupId = scratch.name('mixed');
    topic = await scratch.topic('shared', PARTITIONS);
  });
  afterAll(() => scratch?.[Symbol.asyncDispose]());

  function join(handled: Set<string>): Member {
    const kafka = scratch.client();
    const consumer = kafka.consumer({
      groupId,
      topics: [topic],
      startAt: 'earliest',
      sessionTimeoutMs: 2000,
      heartbeatIntervalMs: 300,
      commitIntervalMs: 200,
    });
    const consume = async (): Promise<void> => {
      for await (const record of consumer) handled.add(`${record.partition}/${record.offset}`);
    };
    return { consumer, kafka, ended: consume() };
  }

  it('every record is handled while members join, leave and are killed, and the offsets are committed', async () => {
    const { target } = scratch;
    await using kafka = scratch.client();
    const handled = new Set<string>();
    const all = new Promise<void>((resolve) => {
      const add = handled.add.bind(handled);
      handled.add = (value) => {
        add(value);
        if (handled.size === MESSAGES) resolve();
        return handled;
      };
    });
    const [first, second] = [join(handled), join(handled)];
    await Promise.all([first.consumer.whenAssigned(), second.consumer.whenAssigned()]);
    const java = target.tool('org.apache.kafka.tools.VerifiableConsumer', [
      ...['--bootstrap-server', target.bootstrap(), '--topic', topic, '--group-id', groupId, '--verbose'],
      ...['--session-timeout', '4000', '--reset-policy', 'earliest', '--group-protocol', 'classic'],
      ...['--assignment-strategy', 'org.apache.kafka.clients.consumer.RangeAssignor'],
    ]);
    const javaAssigned = new Promise<void>((resolve, reject) => {
      lines(java, (line) => {
        if (!line.startsWith('{')) return; // the log goes to the same stream
        const event: { name?: string; partition?: number; offset?: number; partitions?: unknown[] } = JSON.parse(line);
        if (event.name === 'record_data') handled.add(`${event.partition}/${event.offset}`);
        if (event.name === 'partitions_assigned' && event.partitions?.length) resolve();
      });
      java.once('exit', (code) => reject(new Error(`the Java consumer ended with ${code}`)));
    });
    await using producer = kafka.producer();
    const send = async (from: number, count: number): Promise<void> => {
      const messages = Array.from({ length: count }, (_, i) => ({ key: `k${from + i}`, value: `v${from + i}` }));
      await producer.send({ topic, messages });
    };
    await send(0, MESSAGES / 3);
    await javaAssigned;
    const third = startMember(target.bootstrap(), topic, groupId);
    const said: Record<'assigned' | 'handled', () => void> = { assigned: () => {}, handled: () => {} };
    const thirdAssigned = new Promise<void>((resolve) => {
      said.assigned = resolve;
    });
    const handledByThird = new Promise<void>((resolve) => {
      said.handled = resolve;
    });
    lines(third, (line) => {
      if (line === 'assigned') return said.assigned();
      handled.add(line);
      said.handled();
    });
    await thirdAssigned;
    await send(MESSAGES / 3, MESSAGES / 3);
    await handledByThird;
    third.kill('SIGKILL'); // found out by its session time-out
    await second.consumer.close(); // leaves politely
    await send((2 * MESSAGES) / 3, MESSAGES / 3);
    await all;
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition }));
    await using reader = kafka.consumer({ groupId });
    const committed = async (): Promise<number> =>
      (await reader.committed(partitions)).reduce((sum, { offset }) => sum + Number(offset), 0);
    await expect.poll(committed, { timeout: 20_000 }).toBe(MESSAGES);
    java.kill('SIGTERM');
    await first.consumer.close();
    await Promise.all([first, second].map(async ({ kafka: own, ended }) => ended.then(() => own.close())));
    expect(handled.size).toBe(MESSAGES);
  });
});
