// What Java's own tools are made to say for `pnpm fixtures`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from '@hopwire/test-broker/harness';

const TOOLS = 'org.apache.kafka.tools';
/** A tool that has not ended by then has said what it had to. */
const MOST_MS = 20_000;

interface Step {
  readonly tool: string;
  /** `{broker}` and `{json}` are filled in; without the former the bootstrap is put in front. */
  readonly args: readonly string[];
  readonly stdin?: string;
}

const step = (tool: string, args: string, stdin?: string): Step => ({
  tool: tool.startsWith('kafka.') ? tool : `${TOOLS}.${tool}`,
  args: args.split(' ').filter((word) => word !== ''),
  ...(stdin === undefined ? {} : { stdin }),
});

/** What the embedded broker has. */
const basics: readonly Step[] = [
  step('TopicCommand', '--create --topic java --partitions 2 --replication-factor 1'),
  step(
    'ConsoleProducer',
    '--topic java --property parse.key=true --compression-codec lz4',
    'k1\tone\nk2\ttwo\nk3\tthree\n',
  ),
  step(
    'ConsoleProducer',
    '--topic java --request-required-acks 1 --producer-property enable.idempotence=false',
    'four\n',
  ),
  step('consumer.ConsoleConsumer', '--topic java --from-beginning --max-messages 3 --group java-group'),
  step('consumer.ConsoleConsumer', '--topic java --partition 0 --offset latest --timeout-ms 500'),
  step('TopicCommand', '--list'),
];

/** What only Kafka has. */
const everything: readonly Step[] = [
  step('TopicCommand', '--describe --topic java'),
  step('TopicCommand', '--alter --topic java --partitions 3'),
  step(
    'consumer.ConsoleConsumer',
    '--topic java --from-beginning --max-messages 3 --group java-848 --consumer-property group.protocol=consumer',
  ),
  step('consumer.ConsoleShareConsumer', '--topic java --group java-share --max-messages 1 --timeout-ms 3000'),
  step(
    'ProducerPerformance',
    '--topic java --num-records 20 --record-size 10 --throughput -1 --transactional-id java-t --transaction-duration-ms 100',
  ),
  step('TransactionsCommand', 'list'),
  step('TransactionsCommand', 'describe --transactional-id java-t'),
  step('TransactionsCommand', 'describe-producers --topic java --partition 0'),
  step('GroupsCommand', '--list'),
  step('consumer.group.ConsumerGroupCommand', '--list --state'),
  step('consumer.group.ConsumerGroupCommand', '--describe --all-groups'),
  step(
    'consumer.group.ConsumerGroupCommand',
    '--reset-offsets --group java-group --topic java --to-earliest --execute',
  ),
  step('consumer.group.ConsumerGroupCommand', '--delete-offsets --group java-group --topic java'),
  step('consumer.group.ConsumerGroupCommand', '--delete --group java-group'),
  step('consumer.group.ShareGroupCommand', '--describe --group java-share'),
  step('consumer.group.ShareGroupCommand', '--reset-offsets --group java-share --topic java --to-earliest --execute'),
  step('consumer.ConsoleShareConsumer', '--topic java --group java-share --max-messages 1 --timeout-ms 8000'),
  step('consumer.group.ShareGroupCommand', '--delete-offsets --group java-share --topic java'),
  step('GetOffsetShell', '--topic java'),
  step('ClusterTool', 'cluster-id --bootstrap-server {broker}'),
  step('ClusterTool', 'list-endpoints --bootstrap-server {broker}'),
  step('BrokerApiVersionsCommand', ''),
  step('FeatureCommand', 'describe'),
  step('MetadataQuorumCommand', 'describe --status'),
  step('LogDirsCommand', '--describe --topic-list java'),
  step('DeleteRecordsCommand', '--offset-json-file {json}'),
  step('LeaderElectionCommand', '--election-type preferred --all-topic-partitions'),
  step('reassign.ReassignPartitionsCommand', '--list'),
  step('ClientMetricsCommand', '--alter --name metrics --metrics org.apache.kafka --interval 1000'),
  step('ClientMetricsCommand', '--describe'),
  step('AclCommand', '--add --allow-principal User:somebody --operation Read --topic java'),
  step('AclCommand', '--list'),
  step('AclCommand', '--remove --force --allow-principal User:somebody --operation Read --topic java'),
  step(
    'kafka.admin.ConfigCommand',
    '--alter --entity-type topics --entity-name java --add-config retention.ms=1000000',
  ),
  step('kafka.admin.ConfigCommand', '--describe --entity-type topics --entity-name java'),
  step(
    'kafka.admin.ConfigCommand',
    '--alter --entity-type users --entity-name somebody --add-config producer_byte_rate=1000000',
  ),
  step(
    'kafka.admin.ConfigCommand',
    '--alter --entity-type users --entity-name somebody --add-config SCRAM-SHA-256=[password=secret]',
  ),
  step('kafka.admin.ConfigCommand', '--describe --entity-type users --entity-name somebody'),
  step('TopicCommand', '--delete --topic java'),
];

/** @param withAll more than the embedded broker has */
export async function talkAsJava(tools: Target, address: string, withAll: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hopwire-fixtures-'));
  const json = join(folder, 'offsets.json');
  await writeFile(json, '{"version": 1, "partitions": [{"topic": "java", "partition": 0, "offset": 1}]}');
  try {
    for (const one of withAll ? [...basics, ...everything] : basics) await run(tools, address, one, json);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function run(tools: Target, address: string, { tool, args, stdin }: Step, json: string): Promise<void> {
  const filled = args.map((arg) => arg.replace('{json}', json).replace('{broker}', address));
  const child = tools.tool(tool, args.includes('{broker}') ? filled : ['--bootstrap-server', address, ...filled]);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => output.push(String(chunk)));
  child.stdin?.end(stdin ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), MOST_MS);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  if (code !== 0)
    console.warn(`  ${tool} ${args.join(' ')}: ended with ${code}: ${output.join('').trim().slice(-300)}`);
}
