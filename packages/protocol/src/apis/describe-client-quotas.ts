/**
 * DescribeClientQuotas (key 48), v0-1. The quotas of users, client ids and addresses (KIP-546); any broker answers.
 *
 *   v1  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcome } from './outcome.ts';
import { type ClientQuotaEntityPart, quotaEntity } from './quota-entity.ts';

export interface DescribeClientQuotasRequest {
  components: DescribeClientQuotasRequestComponent[];
  strict: boolean; // leave out entities with parts of types that are not named here
}

export interface DescribeClientQuotasRequestComponent {
  entityType: string; // user, client-id or ip
  matchType: number; // QuotaMatchType
  match: string | null; // null unless an exact name is meant
}

export interface DescribeClientQuotasResponse extends Outcome {
  entries: DescribeClientQuotasResponseEntry[] | null;
}

export interface DescribeClientQuotasResponseEntry {
  entity: ClientQuotaEntityPart[];
  values: DescribeClientQuotasResponseValue[];
}

export interface DescribeClientQuotasResponseValue {
  key: string; // e.g. producer_byte_rate
  value: number;
}

/** The quotas of users, client ids and addresses (KIP-546); any broker answers. */
export const DescribeClientQuotas: Api<DescribeClientQuotasRequest, DescribeClientQuotasResponse> = {
  key: 48,
  name: 'DescribeClientQuotas',
  versions: [0, 1],
  flexibleFrom: 1,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DescribeClientQuotasRequest): void {
  w.structs(request.components, ({ entityType, matchType, match }) => {
    w.string(entityType);
    w.int8(matchType);
    w.nullableString(match);
  });
  w.bool(request.strict);
  w.tags();
}

function decodeRequest(r: Reader): DescribeClientQuotasRequest {
  const request = {
    components: r.structs(() => ({ entityType: r.string(), matchType: r.int8(), match: r.nullableString() })),
    strict: r.bool(),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: DescribeClientQuotasResponse): void {
  outcome.encode(w, response);
  w.nullableStructs(response.entries, ({ entity, values }) => {
    quotaEntity.encode(w, entity);
    w.structs(values, ({ key, value }) => {
      w.string(key);
      w.float64(value);
    });
  });
  w.tags();
}

function decodeResponse(r: Reader): DescribeClientQuotasResponse {
  const response = {
    ...outcome.decode(r),
    entries: r.nullableStructs(() => ({
      entity: quotaEntity.decode(r),
      values: r.structs(() => ({ key: r.string(), value: r.float64() })),
    })),
  };
  r.tags();
  return response;
}
