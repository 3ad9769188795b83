// The `_id` of a message: a random UUID, 16 raw bytes on the wire.
import { stringify, v4 } from 'uuid';

const ID_BYTES = 16;

export function newId(): Buffer {
  return Buffer.from(v4(undefined, new Uint8Array(ID_BYTES)));
}

/** The dashed form; null for what no UUID can be. */
export function showId(id: Buffer | null | undefined): string | null {
  if (id?.length !== ID_BYTES) return null;
  try {
    return stringify(id);
  } catch {
    return null; // 16 bytes, but not those of a UUID: nothing to show
  }
}
