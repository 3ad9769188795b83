// Configurations, quotas, features, and the nodes of the cluster.
import {
  AddRaftVoter,
  AlterClientQuotas,
  AlterConfigs,
  DescribeClientQuotas,
  DescribeConfigs,
  IncrementalAlterConfigs,
  ListConfigResources,
  RemoveRaftVoter,
  UnregisterBroker,
  UnregisterController,
  UpdateFeatures,
} from '@hopwire/protocol';
import { type Probe, probe } from '../probe.ts';

const TOPIC_RESOURCE = 2;
/** No node has this id. */
const NOBODY = 4711;
const VOTER = { voterId: NOBODY, voterDirectoryId: 'AAAAAAAAAAAAAAAAAAAAEw' };

export const configProbes: readonly Probe[] = [
  probe(DescribeConfigs, ({ version, topic }) => ({
    resources: [{ resourceType: TOPIC_RESOURCE, resourceName: topic, configurationKeys: null }],
    includeSynonyms: version >= 1,
    includeDocumentation: version >= 3,
  })),
  probe(AlterConfigs, ({ topic }) => {
    const configs = [{ name: 'retention.ms', value: '86400000' }];
    return { resources: [{ resourceType: TOPIC_RESOURCE, resourceName: topic, configs }], validateOnly: true };
  }),
  probe(IncrementalAlterConfigs, ({ topic }) => {
    const configs = [{ name: 'retention.ms', configOperation: 0, value: '86400000' }];
    return { resources: [{ resourceType: TOPIC_RESOURCE, resourceName: topic, configs }], validateOnly: true };
  }),
  probe(ListConfigResources, () => ({ resourceTypes: [] })),
  probe(AlterClientQuotas, (visit) => {
    const entity = [{ entityType: 'client-id', entityName: visit.fresh('client') }];
    const ops = [{ key: 'producer_byte_rate', value: 1e9, remove: false }];
    return { entries: [{ entity, ops }], validateOnly: false };
  }),
  probe(DescribeClientQuotas, async (visit) => {
    const entity = [{ entityType: 'client-id', entityName: visit.fresh('client') }];
    const ops = [{ key: 'consumer_byte_rate', value: 1234.5, remove: false }];
    await visit.conversation.ask(AlterClientQuotas, 1, { entries: [{ entity, ops }], validateOnly: false });
    return { components: [{ entityType: 'client-id', matchType: 2, match: null }], strict: false };
  }),
  probe(UpdateFeatures, ({ version }) => ({
    timeoutMs: 5000,
    featureUpdates: [{ feature: 'hopwire.nothing', maxVersionLevel: 1, allowDowngrade: false, upgradeType: 1 }],
    validateOnly: version >= 1,
  })),
  probe(AddRaftVoter, ({ clusterId }) => {
    const listeners = [{ name: 'CONTROLLER', host: '127.0.0.1', port: 1 }];
    return { clusterId, timeoutMs: 1000, ...VOTER, listeners, ackWhenCommitted: true };
  }),
  probe(RemoveRaftVoter, ({ clusterId }) => ({ clusterId, ...VOTER })),
  probe(UnregisterBroker, () => ({ brokerId: NOBODY })),
  probe(UnregisterController, () => ({ controllerId: NOBODY })),
];
