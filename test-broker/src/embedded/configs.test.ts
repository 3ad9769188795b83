// DescribeConfigs of the embedded broker, over a socket.
import {
  ConfigResourceType,
  ConfigSource,
  DescribeConfigs,
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
  Errors,
} from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { TestBroker } from './test-broker.ts';
import { RawClient } from './testing/raw-client.ts';

const orders = { resourceType: ConfigResourceType.topic, resourceName: 'orders', configurationKeys: null };

async function ask(
  broker: TestBroker,
  resource: DescribeConfigsRequest['resources'][number],
  version = 4,
): Promise<DescribeConfigsResponse['results'][number] | undefined> {
  using client = await RawClient.open(broker.bootstrap);
  const includeSynonyms = version >= 1;
  const request = { resources: [resource], includeSynonyms, includeDocumentation: false };
  return (await client.ask(DescribeConfigs, version, request)).results[0];
}

describe('DescribeConfigs', () => {
  it('tells what a topic was created with, and the defaults of what has an effect', async () => {
    await using broker = await TestBroker.start();
    broker.createTopic('orders', 1, { 'cleanup.policy': 'compact', 'retention.ms': '1000' });
    const configs = (await ask(broker, orders))?.configs ?? [];
    expect(configs.map(({ name, value, configSource }) => [name, value, configSource])).toEqual([
      ['cleanup.policy', 'compact', ConfigSource.topic],
      ['max.message.bytes', '1048588', ConfigSource.default],
      ['message.timestamp.type', 'CreateTime', ConfigSource.default],
      ['min.insync.replicas', '1', ConfigSource.default],
      ['retention.ms', '1000', ConfigSource.topic],
    ]);
    expect(configs[0]?.synonyms.map(({ value, source }) => [value, source])).toEqual([
      ['compact', ConfigSource.topic],
      ['delete', ConfigSource.default],
    ]);
    expect((await ask(broker, orders, 0))?.configs.map(({ isDefault }) => isDefault)).toEqual([
      ...[false, true, true, true],
      false,
    ]);
  });

  it('tells only what was asked for', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    const asked = { ...orders, configurationKeys: ['min.insync.replicas', 'unheard.of'] };
    expect((await ask(broker, asked))?.configs.map(({ name }) => name)).toEqual(['min.insync.replicas']);
  });

  it('refuses topics that are not there or not allowed, and everything that is no topic', async () => {
    await using broker = await TestBroker.start({ topics: { secret: 1 }, denyTopics: ['secret'] });
    expect((await ask(broker, orders))?.errorCode).toBe(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect((await ask(broker, { ...orders, resourceName: 'secret' }))?.errorCode).toBe(
      Errors.TOPIC_AUTHORIZATION_FAILED,
    );
    const node = { ...orders, resourceType: ConfigResourceType.broker, resourceName: '1' };
    expect(await ask(broker, node)).toMatchObject({ errorCode: Errors.INVALID_REQUEST, configs: [] });
  });
});
