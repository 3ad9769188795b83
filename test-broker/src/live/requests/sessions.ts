// What a connection begins with, and what the cluster says of itself.
import {
  ApiVersions,
  DescribeCluster,
  DescribeQuorum,
  DescribeTopicPartitions,
  GetTelemetrySubscriptions,
  Metadata,
  PushTelemetry,
  plainToken,
  SaslAuthenticate,
  SaslHandshake,
  ZERO_UUID,
} from '@hopwire/protocol';
import { users } from '../../harness/target.ts';
import { type Probe, probe } from '../probe.ts';

export const sessionProbes: readonly Probe[] = [
  probe(ApiVersions, () => {
    return { clientSoftwareName: 'hopwire', clientSoftwareVersion: '0.1.0', clusterId: null, nodeId: -1 };
  }),
  probe(SaslHandshake, () => ({ mechanism: 'PLAIN' }), 'saslPlaintext'),
  probe(
    SaslAuthenticate,
    async ({ conversation }) => {
      await conversation.ask(SaslHandshake, 1, { mechanism: 'PLAIN' });
      return { authBytes: plainToken({ username: 'admin', password: users.admin }) };
    },
    'saslPlaintext',
  ),
  probe(Metadata, ({ version, topic }) => ({
    topics: [{ topicId: ZERO_UUID, name: topic }],
    allowAutoTopicCreation: version < 4,
    includeClusterAuthorizedOperations: version >= 8 && version <= 10,
    includeTopicAuthorizedOperations: version >= 8,
  })),
  probe(DescribeCluster, ({ version }) => {
    return { includeClusterAuthorizedOperations: true, endpointType: 1, includeFencedBrokers: version >= 2 };
  }),
  probe(DescribeQuorum, () => ({ topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }] })),
  probe(DescribeTopicPartitions, ({ topic }) => {
    return { topics: [{ name: topic }], responsePartitionLimit: 2000, cursor: null };
  }),
  probe(GetTelemetrySubscriptions, () => ({ clientInstanceId: ZERO_UUID })),
  probe(PushTelemetry, async ({ conversation }) => {
    const { body } = await conversation.ask(GetTelemetrySubscriptions, 0, { clientInstanceId: ZERO_UUID });
    const { clientInstanceId, subscriptionId } = body;
    return { clientInstanceId, subscriptionId, terminating: false, compressionType: 0, metrics: Buffer.alloc(0) };
  }),
];
