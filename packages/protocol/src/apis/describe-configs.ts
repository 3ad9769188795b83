/**
 * DescribeConfigs (key 32), v0-4. The configuration of topics, brokers, groups and other resources (KIP-133). Any
 * broker answers; what belongs to one broker (its own settings, its loggers) only that broker.
 *
 *   v1  include_synonyms in the request; config_source in place of is_default, synonyms in the response (KIP-226)
 *   v2  throttling after the answer was sent (KIP-219)
 *   v3  include_documentation in the request; config_type and documentation in the response (KIP-569)
 *   v4  flexible
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type ConfigResourceOutcome, configResourceOutcome } from './config-resource.ts';

export interface DescribeConfigsRequest {
  resources: DescribeConfigsRequestResource[];
  includeSynonyms: boolean; // v1+
  includeDocumentation: boolean; // v3+
}

export interface DescribeConfigsRequestResource {
  resourceType: number; // ConfigResourceType
  resourceName: string;
  configurationKeys: string[] | null; // null: all
}

export interface DescribeConfigsResponse {
  throttleTimeMs: number;
  results: DescribeConfigsResponseResult[];
}

export interface DescribeConfigsResponseResult extends ConfigResourceOutcome {
  configs: DescribeConfigsResponseConfig[];
}

export interface DescribeConfigsResponseConfig {
  name: string;
  value: string | null; // null: not set, or sensitive
  readOnly: boolean;
  configSource: number; // v1+; ConfigSource, -1: not told
  isDefault: boolean; // v0
  isSensitive: boolean;
  synonyms: DescribeConfigsResponseSynonym[]; // v1+
  configType: number; // v3+; ConfigType
  documentation: string | null; // v3+
}

/** What else sets the value, the one in effect first. */
export interface DescribeConfigsResponseSynonym {
  name: string;
  value: string | null;
  source: number; // ConfigSource
}

/** The configuration of topics, brokers, groups and other resources (KIP-133). */
export const DescribeConfigs: Api<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: 32,
  name: 'DescribeConfigs',
  versions: [0, 4],
  flexibleFrom: 4,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: DescribeConfigsRequest): void {
  const { resources, includeSynonyms, includeDocumentation } = request;
  if (v < 1 && includeSynonyms) throw new UnsupportedFieldError('DescribeConfigs', v, 'includeSynonyms');
  if (v < 3 && includeDocumentation) throw new UnsupportedFieldError('DescribeConfigs', v, 'includeDocumentation');
  w.structs(resources, ({ resourceType, resourceName, configurationKeys }) => {
    w.int8(resourceType);
    w.string(resourceName);
    w.nullableArray(configurationKeys, (key) => w.string(key));
  });
  if (v >= 1) w.bool(includeSynonyms);
  if (v >= 3) w.bool(includeDocumentation);
  w.tags();
}

function decodeRequest(r: Reader, v: number): DescribeConfigsRequest {
  const request = {
    resources: r.structs(() => ({
      resourceType: r.int8(),
      resourceName: r.string(),
      configurationKeys: r.nullableArray(() => r.string()),
    })),
    includeSynonyms: v >= 1 ? r.bool() : false,
    includeDocumentation: v >= 3 ? r.bool() : false,
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: DescribeConfigsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.results, (result) => encodeResult(w, v, result));
  w.tags();
}

function encodeResult(w: Writer, v: number, result: DescribeConfigsResponseResult): void {
  configResourceOutcome.encode(w, result);
  w.structs(result.configs, (config) => encodeConfig(w, v, config));
}

function encodeConfig(w: Writer, v: number, config: DescribeConfigsResponseConfig): void {
  w.string(config.name);
  w.nullableString(config.value);
  w.bool(config.readOnly);
  if (v >= 1) w.int8(config.configSource);
  else w.bool(config.isDefault);
  w.bool(config.isSensitive);
  if (v >= 1) w.structs(config.synonyms, (synonym) => encodeSynonym(w, synonym));
  if (v >= 3) w.int8(config.configType);
  if (v >= 3) w.nullableString(config.documentation);
}

function encodeSynonym(w: Writer, synonym: DescribeConfigsResponseSynonym): void {
  w.string(synonym.name);
  w.nullableString(synonym.value);
  w.int8(synonym.source);
}

function decodeResponse(r: Reader, v: number): DescribeConfigsResponse {
  const response = { throttleTimeMs: r.int32(), results: r.structs(() => decodeResult(r, v)) };
  r.tags();
  return response;
}

function decodeResult(r: Reader, v: number): DescribeConfigsResponseResult {
  return { ...configResourceOutcome.decode(r), configs: r.structs(() => decodeConfig(r, v)) };
}

function decodeConfig(r: Reader, v: number): DescribeConfigsResponseConfig {
  return {
    name: r.string(),
    value: r.nullableString(),
    readOnly: r.bool(),
    configSource: v >= 1 ? r.int8() : -1,
    isDefault: v < 1 ? r.bool() : false,
    isSensitive: r.bool(),
    synonyms: v >= 1 ? r.structs(() => decodeSynonym(r)) : [],
    configType: v >= 3 ? r.int8() : 0,
    documentation: v >= 3 ? r.nullableString() : null,
  };
}

function decodeSynonym(r: Reader): DescribeConfigsResponseSynonym {
  return { name: r.string(), value: r.nullableString(), source: r.int8() };
}
