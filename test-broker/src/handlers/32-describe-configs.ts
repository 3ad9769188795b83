// DescribeConfigs (32), versions 0-4.
//
// Of topics: what they were created with, and the defaults of the settings that have an effect here. Every topic's
// other settings are absent, which Kafka's tools do not mind. Not emulated: other resources (answered with
// INVALID_REQUEST), documentation.
import {
  ConfigResourceType,
  ConfigSource,
  ConfigType,
  DescribeConfigs,
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
  Errors,
} from '@hopwire/protocol';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import { settingDefaults, type Topic } from '../embedded/topic.ts';
import { findTopic } from './topics.ts';

type RequestResource = DescribeConfigsRequest['resources'][number];
type Result = DescribeConfigsResponse['results'][number];
type Config = Result['configs'][number];
type Synonym = Config['synonyms'][number];

const TYPES: ReadonlyMap<string, number> = new Map([
  ['cleanup.policy', ConfigType.list],
  ['max.message.bytes', ConfigType.int],
  ['message.timestamp.type', ConfigType.string],
  ['min.insync.replicas', ConfigType.int],
]);

export const describeConfigs: Handler<DescribeConfigsRequest, DescribeConfigsResponse> = handle(DescribeConfigs, {
  answer: (request, context) => ({
    throttleTimeMs: 0,
    results: request.resources.map((resource) => describe(resource, request.includeSynonyms, context)),
  }),
  refuse: (request, errorCode) => ({
    throttleTimeMs: 0,
    results: request.resources.map((resource) => refused(resource, errorCode, null)),
  }),
});

function describe(resource: RequestResource, includeSynonyms: boolean, context: RequestContext): Result {
  const { resourceType, resourceName, configurationKeys } = resource;
  if (resourceType !== ConfigResourceType.topic) {
    return refused(resource, Errors.INVALID_REQUEST, `only topics have settings here, not type ${resourceType}`);
  }
  const found = findTopic(context, { name: resourceName, topicId: '', usesId: false });
  if ('errorCode' in found) return refused(resource, found.errorCode, null);
  const names = [...new Set([...settingDefaults.keys(), ...found.topic.configs.keys()])];
  const configs = names
    .filter((name) => configurationKeys?.includes(name) ?? true)
    .map((name) => configOf(found.topic, name, includeSynonyms));
  return { errorCode: 0, errorMessage: null, resourceType, resourceName, configs };
}

function configOf({ configs }: Topic, name: string, includeSynonyms: boolean): Config {
  const synonyms: Synonym[] = [];
  const [own, usual] = [configs.get(name) ?? null, settingDefaults.get(name) ?? null];
  if (own !== null) synonyms.push({ name, value: own, source: ConfigSource.topic });
  if (usual !== null) synonyms.push({ name, value: usual, source: ConfigSource.default });
  const source = own === null ? ConfigSource.default : ConfigSource.topic;
  return {
    name,
    value: own ?? usual,
    readOnly: false,
    configSource: source,
    isDefault: source === ConfigSource.default,
    isSensitive: false,
    synonyms: includeSynonyms ? synonyms : [],
    configType: TYPES.get(name) ?? ConfigType.unknown,
    documentation: null,
  };
}

function refused(
  { resourceType, resourceName }: RequestResource,
  errorCode: number,
  errorMessage: string | null,
): Result {
  return { errorCode, errorMessage, resourceType, resourceName, configs: [] };
}
