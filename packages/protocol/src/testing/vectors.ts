// The shared byte vectors: bodies and blobs taken from other implementations' test suites, or made from Kafka's message
// definitions.
import type { Direction } from './sample-reader.ts';
import { readShared } from './shared.ts';

/** Text or bytes as the vectors write them. */
export type VectorBytes = { readonly utf8: string } | { readonly hex: string } | null;

export interface MessageVector {
  readonly id: string;
  readonly kind: Direction;
  readonly apiKey: number;
  readonly api: string;
  readonly apiVersion: number;
  readonly framing: 'body' | 'framed' | 'framed-noSize';
  readonly hex: string;
  readonly decoded?: unknown;
  /** What a tolerant reader makes of an invalid one. */
  readonly decodedAsV0?: unknown;
  readonly valid: boolean;
  readonly roundTrip: boolean;
  readonly trailingHex?: string;
  readonly recordsDecoded?: readonly (VectorRecords & { readonly path: string })[];
}

export interface VectorRecords {
  readonly batches: readonly VectorBatch[];
  readonly incompleteTrailingBytes: number;
}

interface VectorMessage {
  readonly offset: number;
  readonly key: VectorBytes;
  readonly value: VectorBytes;
}

/** A batch of magic 2, or an entry of a message set (which has `size`). */
export interface VectorBatch extends VectorMessage {
  readonly magic: number;
  readonly crcValid: boolean;
  readonly size?: number;
  readonly inner?: readonly VectorMessage[];
  readonly batchLength: number;
  readonly baseOffset: number;
  readonly timestampType: string;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly recordsError?: string;
  readonly records?: readonly VectorRecord[];
}

export interface VectorRecord {
  readonly timestampDelta: number;
  readonly offsetDelta: number;
  readonly key: VectorBytes;
  readonly value: VectorBytes;
  readonly headers: readonly { readonly key: string; readonly value: VectorBytes }[];
}

/** Everything that is no message: what its fields mean depends on the kind. */
export interface BlobVector extends VectorRecords {
  readonly id: string;
  readonly kind: string;
  readonly hex: string;
  readonly valid: boolean;
  readonly type: string;
  readonly struct: string;
  readonly value: unknown;
  readonly utf8: string;
  readonly decoded: unknown;
  readonly decodedAsV0: unknown;
  readonly context: { readonly baseTimestamp: number };
}

const MESSAGE_KINDS = ['request', 'response'];

function vectorsOf(file: string): { kind: string; api?: string; apiVersion?: number; id?: string }[] {
  const content = readShared(`vectors/${file}.json`) as { vectors: { kind: string }[] } | null;
  return content?.vectors ?? [];
}

/** One body with all fields set for each API, version and direction. */
export function schemaMessages(): readonly MessageVector[] {
  const shape = { framing: 'body', valid: true, roundTrip: true };
  return vectorsOf('schema-frames').map((vector) => {
    return { ...shape, ...vector, id: `${vector.api} v${vector.apiVersion}` } as unknown as MessageVector;
  });
}

export function foreignMessages(): readonly MessageVector[] {
  const messages = vectorsOf('foreign-frames').filter(({ kind }) => MESSAGE_KINDS.includes(kind));
  return messages as unknown as MessageVector[];
}

export function foreignBlobs(): readonly BlobVector[] {
  return vectorsOf('foreign-frames').filter(({ kind }) => !MESSAGE_KINDS.includes(kind)) as unknown as BlobVector[];
}

export function vectorBytes(bytes: VectorBytes): Buffer | null {
  if (bytes === null) return null;
  return 'utf8' in bytes ? Buffer.from(bytes.utf8) : Buffer.from(bytes.hex, 'hex');
}
