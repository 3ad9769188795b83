/**
 * AlterClientQuotas (key 49), v0-1. Sets and removes quotas of users, client ids and addresses (KIP-546); any broker
 * takes it and passes it on to the controller.
 *
 *   v1  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type ClientQuotaEntityPart, quotaEntity } from './quota-entity.ts';

export interface AlterClientQuotasRequest {
  entries: AlterClientQuotasRequestEntry[];
  validateOnly: boolean;
}

export interface AlterClientQuotasRequestEntry {
  entity: ClientQuotaEntityPart[];
  ops: AlterClientQuotasRequestOp[];
}

export interface AlterClientQuotasRequestOp {
  key: string; // e.g. producer_byte_rate
  value: number; // without meaning when it is removed
  remove: boolean;
}

export interface AlterClientQuotasResponse {
  throttleTimeMs: number;
  entries: AlterClientQuotasResponseEntry[];
}

export interface AlterClientQuotasResponseEntry {
  errorCode: number;
  errorMessage: string | null;
  entity: ClientQuotaEntityPart[];
}

/**
 * Sets and removes quotas of users, client ids and addresses (KIP-546); any broker takes it and passes it on to the
 * controller.
 */
export const AlterClientQuotas: Api<AlterClientQuotasRequest, AlterClientQuotasResponse> = {
  key: 49,
  name: 'AlterClientQuotas',
  versions: [0, 1],
  flexibleFrom: 1,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: AlterClientQuotasRequest): void {
  w.structs(request.entries, ({ entity, ops }) => {
    quotaEntity.encode(w, entity);
    w.structs(ops, (op) => {
      w.string(op.key);
      w.float64(op.value);
      w.bool(op.remove);
    });
  });
  w.bool(request.validateOnly);
  w.tags();
}

function decodeRequest(r: Reader): AlterClientQuotasRequest {
  const request = {
    entries: r.structs(() => ({
      entity: quotaEntity.decode(r),
      ops: r.structs(() => ({ key: r.string(), value: r.float64(), remove: r.bool() })),
    })),
    validateOnly: r.bool(),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: AlterClientQuotasResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.entries, (entry) => {
    w.int16(entry.errorCode);
    w.nullableString(entry.errorMessage);
    quotaEntity.encode(w, entry.entity);
  });
  w.tags();
}

function decodeResponse(r: Reader): AlterClientQuotasResponse {
  const response = {
    throttleTimeMs: r.int32(),
    entries: r.structs(() => ({
      errorCode: r.int16(),
      errorMessage: r.nullableString(),
      entity: quotaEntity.decode(r),
    })),
  };
  r.tags();
  return response;
}
