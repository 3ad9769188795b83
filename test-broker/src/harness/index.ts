// The harness: one view of everything that can be a broker, for tests that want a real one.
export { type Certificates, makeCertificates } from './certificates.ts';
export type { ClusterNode } from './cluster-node.ts';
export { type Answer, Conversation } from './conversation.ts';
export { type ExternalCredential, externalCredential } from './external.ts';
export { type ClusterOptions, KafkaCluster } from './kafka-cluster.ts';
export { because, type Need, Place, placesFor } from './places.ts';
export { freePorts } from './ports.ts';
export {
  installAll,
  KAFKA_MODERN,
  KAFKA_NEWEST,
  KAFKA_OLD,
  KAFKA_VERSIONS,
  kafkaClientsJar,
  spawnTool,
} from './releases.ts';
export { kindWanted, missing, type Resource, sharedPath, startTarget } from './select.ts';
export {
  type Capability,
  type Control,
  type Listener,
  type Target,
  TargetError,
  type TargetKind,
  users,
} from './target.ts';
export { type ProxyMode, TcpProxy } from './tcp-proxy.ts';
