// server.properties of a cluster: one controller, and brokers that keep three copies and notice a lost one in 2 s.

/** Where one node listens. */
export interface NodePorts {
  /** What clients are told, which is the proxy's. */
  readonly advertised: number;
  /** Behind the proxy. */
  readonly client: number;
  /** Between brokers, and for observers whom no fault shall meet. */
  readonly internal: number;
}

export interface ClusterLayout {
  readonly controllerPort: number;
  readonly controllerId: number;
}

const HOST = '127.0.0.1';

export function controllerProperties({ controllerPort, controllerId }: ClusterLayout, data: string): string {
  return text([
    'process.roles=controller',
    `node.id=${controllerId}`,
    `listeners=CONTROLLER://${HOST}:${controllerPort}`,
    ...quorum({ controllerPort, controllerId }),
    `log.dirs=${data}`,
    ...shared,
  ]);
}

export function brokerProperties(layout: ClusterLayout, id: number, ports: NodePorts, data: string): string {
  return text([
    'process.roles=broker',
    `node.id=${id}`,
    `broker.rack=r${id}`,
    `listeners=CLIENT://${HOST}:${ports.client},INTERNAL://${HOST}:${ports.internal}`,
    `advertised.listeners=CLIENT://${HOST}:${ports.advertised},INTERNAL://${HOST}:${ports.internal}`,
    'inter.broker.listener.name=INTERNAL',
    ...quorum(layout),
    `log.dirs=${data}`,
    ...shared,
  ]);
}

function quorum({ controllerPort, controllerId }: ClusterLayout): string[] {
  return [
    `controller.quorum.voters=${controllerId}@${HOST}:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,CLIENT:PLAINTEXT,INTERNAL:PLAINTEXT',
  ];
}

const copies: readonly string[] = [
  'default.replication.factor=3',
  'min.insync.replicas=2',
  'num.partitions=3',
  'offsets.topic.replication.factor=3',
  'offsets.topic.num.partitions=3',
  'transaction.state.log.replication.factor=3',
  'transaction.state.log.min.isr=2',
  'transaction.state.log.num.partitions=3',
  'share.coordinator.state.topic.replication.factor=3',
  'share.coordinator.state.topic.min.isr=2',
  'share.coordinator.state.topic.num.partitions=3',
  'auto.create.topics.enable=false',
];

const quick: readonly string[] = [
  'broker.session.timeout.ms=2000',
  'broker.heartbeat.interval.ms=300',
  'controller.quorum.election.timeout.ms=1000',
  'controller.quorum.fetch.timeout.ms=1000',
  'replica.fetch.backoff.ms=200',
  'replica.socket.timeout.ms=3000',
  // Leaders go back to their places soon after a restart: otherwise one node ends up with all of them.
  'leader.imbalance.check.interval.seconds=5',
  'group.initial.rebalance.delay.ms=0',
  'group.min.session.timeout.ms=1000',
  'group.consumer.min.heartbeat.interval.ms=100',
  'group.consumer.heartbeat.interval.ms=200',
  'group.consumer.min.session.timeout.ms=1000',
];

const small: readonly string[] = [
  'num.network.threads=1',
  'num.io.threads=2',
  'background.threads=2',
  'log.cleaner.dedupe.buffer.size=1048577',
  'log.index.size.max.bytes=1048576',
  'metrics.jmx.exclude=.*',
];

const shared: readonly string[] = [...copies, ...quick, ...small];

const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
