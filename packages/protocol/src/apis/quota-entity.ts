// Whom a client quota is for: one entity of several parts, e.g. a user and a client id (KIP-546).
import type { Part } from './part.ts';

/** One part of an entity. */
export interface ClientQuotaEntityPart {
  entityType: string; // user, client-id or ip
  entityName: string | null; // null: the default of its type
}

export const quotaEntity: Part<ClientQuotaEntityPart[]> = {
  encode(w, entity) {
    w.structs(entity, ({ entityType, entityName }) => {
      w.string(entityType);
      w.nullableString(entityName);
    });
  },
  decode(r) {
    return r.structs(() => ({ entityType: r.string(), entityName: r.nullableString() }));
  },
};
