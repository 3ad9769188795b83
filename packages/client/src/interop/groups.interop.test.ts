// Several consumers out of one client of ours, others in a process of their own, and one of Java's share a group on real
// Kafka while members come, go and die.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { because, KAFKA_MODERN, KAFKA_OLD, placesFor } from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Consumer, Kafka } from '../index.ts';
import { Scratch } from '../testing/scratch.ts';

const places = await placesFor([KAFKA_MODERN, KAFKA_OLD]);
const lack = places[0].lacks('plaintext', 'tools');
const named = places.map((place) => [place.name, place] as const);
const PARTITIONS = 6;
const MESSAGES = 3000;

interface Member {
  readonly consumer: Consumer;
  readonly ended: Promise<void>;
}

function lines(child: ChildProcess, each: (line: string) => void): void {
  if (child.stdout) createInterface({ input: child.stdout }).on('line', each);
}

/** Two of ours out of one client, in a process of its own. */
function startMembers(bootstrap: string, topic: string, groupId: string): ChildProcess {
  const member = fileURLToPath(new URL('../testing/member.ts', import.meta.url));
  const node = ['--import', 'tsx', '--conditions=hopwire-source', member, bootstrap, topic, groupId];
  return spawn(process.execPath, node, { stdio: ['ignore', 'pipe', 'inherit'] });
}

describe.skipIf(lack).each(named)(`A group of ours and Java's on %s${because(lack)}`, (_, place) => {
  let scratch: Scratch;
  let topic: string;
  let groupId: string;
  beforeAll(async () => {
    scratch = new Scratch(await place.start());
    groupId = scratch.name('mixed');
    topic = await scratch.topic('shared', PARTITIONS);
  });
  afterAll(() => scratch?.[Symbol.asyncDispose]());

  function join(kafka: Kafka, handled: Set<string>): Member {
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
    return { consumer, ended: consume() };
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
    const members = [join(kafka, handled), join(kafka, handled), join(kafka, handled)];
    await Promise.all(members.map(({ consumer }) => consumer.whenAssigned()));
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
    const others = startMembers(target.bootstrap(), topic, groupId);
    const said: Record<'assigned' | 'handled', () => void> = { assigned: () => {}, handled: () => {} };
    const othersAssigned = new Promise<void>((resolve) => {
      said.assigned = resolve;
    });
    const handledByOthers = new Promise<void>((resolve) => {
      said.handled = resolve;
    });
    lines(others, (line) => {
      if (line === 'assigned') return said.assigned();
      handled.add(line);
      said.handled();
    });
    await othersAssigned;
    await send(MESSAGES / 3, MESSAGES / 3);
    await handledByOthers;
    others.kill('SIGKILL'); // found out by their session time-outs
    await members[1]?.consumer.close(); // leaves politely
    await send((2 * MESSAGES) / 3, MESSAGES / 3);
    await all;
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition }));
    await using reader = kafka.consumer({ groupId });
    const committed = async (): Promise<number> =>
      (await reader.committed(partitions)).reduce((sum, { offset }) => sum + Number(offset), 0);
    await expect.poll(committed, { timeout: 20_000 }).toBe(MESSAGES);
    java.kill('SIGTERM');
    await Promise.all(members.map(({ consumer }) => consumer.close()));
    await Promise.all(members.map(({ ended }) => ended));
    expect(handled.size).toBe(MESSAGES);
  });
});
