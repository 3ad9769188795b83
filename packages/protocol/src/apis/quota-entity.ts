// Whom a client quota is for: one entity of several parts, e.g. a user and a client id (KIP-546).
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

/** One part of an entity. */
export interface ClientQuotaEntityPart {
  entityType: string; // user, client-id or ip
  entityName: string | null; // null: the default of its type
}

export function encodeQuotaEntity(w: Writer, entity: readonly ClientQuotaEntityPart[]): void {
  w.structs(entity, ({ entityType, entityName }) => {
    w.string(entityType);
    w.nullableString(entityName);
  });
}

export function decodeQuotaEntity(r: Reader): ClientQuotaEntityPart[] {
  return r.structs(() => ({ entityType: r.string(), entityName: r.nullableString() }));
}
