// server.properties of one Kafka node (controller and broker in one) with every security listener.
import type { Listener } from './target.ts';
import { users } from './target.ts';

/** A port for each listener and for the controller. */
export type Ports = Readonly<Record<Listener | 'controller', number>>;

const names: Readonly<Record<Listener, string>> = {
  plaintext: 'PLAINTEXT',
  tls: 'SSL',
  mtls: 'MTLS',
  saslPlaintext: 'SASL_PLAINTEXT',
  saslTls: 'SASL_SSL',
};
const protocols: Readonly<Record<Listener, string>> = {
  plaintext: 'PLAINTEXT',
  tls: 'SSL',
  mtls: 'SSL',
  saslPlaintext: 'SASL_PLAINTEXT',
  saslTls: 'SASL_SSL',
};
/** Certificates name `localhost`, so that clients of the TLS listeners check a host name. */
export const advertisedHost = (listener: Listener): string =>
  protocols[listener].endsWith('SSL') ? 'localhost' : '127.0.0.1';

export const listeners: readonly Listener[] = ['plaintext', 'tls', 'mtls', 'saslPlaintext', 'saslTls'];

export interface Files {
  /** Folder of the log. */
  readonly data: string;
  /** PEM file: key in PKCS#8, certificate, chain. */
  readonly keystore: string;
  readonly truststore: string;
}

/** @param version 3.9 needs the consumer protocol (KIP-848) switched on, 4.x refuses the line */
export function serverProperties(version: string, ports: Ports, files: Files): string {
  const lines = [
    ...network(ports),
    `log.dirs=${files.data}`,
    ...tls(files),
    ...sasl(),
    ...authorizer,
    ...singleNode,
    ...tokens,
    ...quick,
    ...(version.startsWith('3.') ? ['group.coordinator.rebalance.protocols=classic,consumer'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function network(ports: Ports): string[] {
  const at = (host: (l: Listener) => string) => listeners.map((l) => `${names[l]}://${host(l)}:${ports[l]}`).join(',');
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${ports.controller}`,
    'controller.listener.names=CONTROLLER',
    'inter.broker.listener.name=PLAINTEXT',
    `listeners=${at(() => '127.0.0.1')},CONTROLLER://127.0.0.1:${ports.controller}`,
    `advertised.listeners=${at(advertisedHost)}`,
    `listener.security.protocol.map=${listeners.map((l) => `${names[l]}:${protocols[l]}`).join(',')},CONTROLLER:PLAINTEXT`,
  ];
}

function tls(files: Files): string[] {
  return [
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${files.keystore}`,
    'ssl.truststore.type=PEM',
    `ssl.truststore.location=${files.truststore}`,
    'listener.name.mtls.ssl.client.auth=required',
    'ssl.principal.mapping.rules=RULE:^CN=([^,]+).*$/$1/,DEFAULT',
  ];
}

// Kafka wants the four login modules written out for each SASL listener.
function sasl(): string[] {
  const security = 'org.apache.kafka.common.security';
  const passwords = Object.entries(users).map(([user, password]) => `user_${user}="${password}"`);
  const modules = {
    plain: `${security}.plain.PlainLoginModule required ${passwords.join(' ')};`,
    'scram-sha-256': `${security}.scram.ScramLoginModule required;`,
    'scram-sha-512': `${security}.scram.ScramLoginModule required;`,
    oauthbearer: `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker" unsecuredValidatorAllowableClockSkewMs="3000";`,
  };
  const lines = ['sasl_plaintext', 'sasl_ssl'].flatMap((listener) =>
    Object.entries(modules).map(
      ([mechanism, module]) => `listener.name.${listener}.${mechanism}.sasl.jaas.config=${module}`,
    ),
  );
  return ['sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER', ...lines];
}

const authorizer: readonly string[] = [
  'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users=User:ANONYMOUS;User:admin;User:client',
  'allow.everyone.if.no.acl.found=false',
];

const singleNode: readonly string[] = [
  'default.replication.factor=1',
  'min.insync.replicas=1',
  'num.partitions=1',
  'offsets.topic.replication.factor=1',
  'offsets.topic.num.partitions=1',
  'transaction.state.log.replication.factor=1',
  'transaction.state.log.min.isr=1',
  'transaction.state.log.num.partitions=1',
  'share.coordinator.state.topic.replication.factor=1',
  'share.coordinator.state.topic.min.isr=1',
  'share.coordinator.state.topic.num.partitions=1',
];

// Without a secret a broker gives no delegation tokens (KIP-48).
const tokens: readonly string[] = ['delegation.token.secret.key=hopwire-test'];

const quick: readonly string[] = [
  // A killed broker may register again when its old session has ended: the default is 9 s.
  'broker.session.timeout.ms=2000',
  'broker.heartbeat.interval.ms=300',
  'group.initial.rebalance.delay.ms=0',
  'group.min.session.timeout.ms=1000',
  'group.consumer.min.heartbeat.interval.ms=100',
  'group.consumer.heartbeat.interval.ms=200',
  'group.consumer.min.session.timeout.ms=1000',
  'num.network.threads=1',
  'num.io.threads=2',
  'background.threads=2',
  'log.cleaner.dedupe.buffer.size=1048577',
  'log.index.size.max.bytes=1048576',
  'metrics.jmx.exclude=.*',
  'auto.create.topics.enable=true',
];
