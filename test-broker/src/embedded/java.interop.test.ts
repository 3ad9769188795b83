// Java's own tools against the embedded broker: what they do works, and every frame they send, with every answer they
// get, is read by our codecs and written again as the same bytes.
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { KAFKA_MODERN, missing, spawnTool } from '../harness/index.ts';
import { exited } from '../harness/java.ts';
import { Recording } from './testing/recording.ts';

const noJvm = await missing('jvm');
const because = noJvm ? ` [skipped: ${noJvm}]` : '';
const TOPIC_COMMAND = 'org.apache.kafka.tools.TopicCommand';
const PRODUCER = 'org.apache.kafka.tools.ConsoleProducer';
const CONSUMER = 'org.apache.kafka.tools.consumer.ConsoleConsumer';

/** An entry of the log may have many lines; the last one ends with the name of a class. */
const LOG_BEGINS = /^\[\d{4}-\d\d-\d\d /;
const LOG_ENDS = / \([\w.$]+\)$/;

/** Lines of standard output without the log, which goes to the same stream. */
async function linesOf(child: ChildProcess): Promise<string[]> {
  const lines: string[] = [];
  let isLog = false;
  if (!child.stdout) return lines;
  for await (const line of createInterface({ input: child.stdout })) {
    isLog ||= LOG_BEGINS.test(line);
    if (!isLog) lines.push(line);
    if (LOG_ENDS.test(line)) isLog = false;
  }
  return lines;
}

/** Runs a tool to its end and gives back what it printed. */
async function tool({ broker }: Recording, mainClass: string, args: readonly string[], input = ''): Promise<string[]> {
  const child = await spawnTool(KAFKA_MODERN, mainClass, ['--bootstrap-server', broker.bootstrap, ...args]);
  child.stdin?.end(input);
  const [lines, code] = await Promise.all([linesOf(child), exited(child)]);
  if (code !== 0)
    throw new Error(`${mainClass} ended with ${code}:\n${lines.join('\n')}\n${broker.problems.join('\n')}`);
  return lines;
}

const apis = ({ asked }: Recording): string[] => [...new Set(asked.map((name) => name.split(' ')[0] ?? ''))];

describe.skipIf(noJvm)(`Java${because}`, () => {
  it('creates, lists, describes and deletes topics', async () => {
    await using recording = await Recording.start({ brokers: 2 });
    const topics = (...args: string[]): Promise<string[]> => tool(recording, TOPIC_COMMAND, args);
    const size = ['--partitions', '3', '--replication-factor', '2', '--config', 'cleanup.policy=compact'];
    expect(await topics('--create', '--topic', 'orders', ...size)).toContain('Created topic orders.');
    expect(await topics('--list')).toEqual(['orders']);
    expect(await topics('--describe', '--topic', 'orders')).toEqual([
      expect.stringMatching(
        /^Topic: orders\tTopicId: \S{22}\tPartitionCount: 3\tReplicationFactor: 2\tConfigs: cleanup.policy=compact/,
      ),
      ...[0, 1, 2].map((partition) => expect.stringContaining(`Topic: orders\tPartition: ${partition}\tLeader: `)),
    ]);
    await topics('--delete', '--topic', 'orders');
    expect(recording.broker.topicNames()).toEqual([]);
    recording.expectWrittenAgain();
    const used = ['ApiVersions', 'CreateTopics', 'DeleteTopics', 'DescribeConfigs', 'Metadata'];
    expect(apis(recording).sort()).toEqual(used);
  });

  it('produces in every codec, and reads in a group', async () => {
    await using recording = await Recording.start({ brokers: 2, topics: { orders: 4 } });
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
    const sent: string[] = [];
    for (const codec of codecs) {
      const lines = Array.from({ length: 20 }, (_, i) => `h:${codec}\tk${i}\t${codec} ${i} ${'again '.repeat(20)}`);
      const how = ['--topic', 'orders', '--compression-codec', codec, '--reader-property', 'parse.key=true'];
      await tool(recording, PRODUCER, [...how, '--reader-property', 'parse.headers=true'], `${lines.join('\n')}\n`);
      sent.push(...lines);
    }
    const print = ['key', 'headers'].flatMap((what) => ['--formatter-property', `print.${what}=true`]);
    const group = ['--topic', 'orders', '--group', 'g', '--from-beginning', '--max-messages', `${sent.length}`];
    expect((await tool(recording, CONSUMER, [...group, ...print])).sort()).toEqual(sent.sort());
    const committed = [0, 1, 2, 3].map((partition) => recording.broker.committed('g', 'orders', partition) ?? 0n);
    expect(committed.reduce((sum, offset) => sum + offset)).toBe(100n);
    recording.expectWrittenAgain();
    expect(apis(recording)).toEqual(
      expect.arrayContaining([
        ...['ApiVersions', 'Fetch', 'FindCoordinator', 'InitProducerId', 'JoinGroup', 'LeaveGroup', 'ListOffsets'],
        ...['Metadata', 'OffsetCommit', 'OffsetFetch', 'Produce', 'SyncGroup'],
      ]),
    );
  });

  it.each([
    ['PLAIN', 'org.apache.kafka.common.security.plain.PlainLoginModule'],
    ['SCRAM-SHA-512', 'org.apache.kafka.common.security.scram.ScramLoginModule'],
  ])('logs in by %s', async (mechanism, module) => {
    const folder = await mkdtemp(join(tmpdir(), 'hopwire-'));
    try {
      await using recording = await Recording.start({ users: { alice: 'secret' }, topics: { orders: 1 } });
      const settings = [
        'security.protocol=SASL_PLAINTEXT',
        `sasl.mechanism=${mechanism}`,
        `sasl.jaas.config=${module} required username="alice" password="secret";`,
      ];
      const file = join(folder, 'client.properties');
      await writeFile(file, settings.join('\n'));
      expect(await tool(recording, TOPIC_COMMAND, ['--list', '--command-config', file])).toEqual(['orders']);
      recording.expectWrittenAgain();
      expect(apis(recording)).toEqual(expect.arrayContaining(['SaslHandshake', 'SaslAuthenticate']));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
