// Bytes of strangers that are no messages: records, checksums, tokens, structs of the group protocol, primitives.
import { describe, expect, it } from 'vitest';
import { decodeAssignment, encodeAssignment } from '../group/assignment.ts';
import { decodeSubscription, encodeSubscription } from '../group/subscription.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { crc32c } from '../records/crc32c.ts';
import { fnv1a } from '../records/fnv1a.ts';
import { murmur2 } from '../records/murmur2.ts';
import { plainToken, readPlainToken } from '../sasl/plain.ts';
import { decodeBody, encodeBody } from '../testing/direction.ts';
import { expectMeaning, expectRecords } from '../testing/expected.ts';
import { overShared, sharedMissing } from '../testing/shared.ts';
import { treatmentOf } from '../testing/vector-exceptions.ts';
import { type BlobVector, foreignBlobs } from '../testing/vectors.ts';
import { Reader } from '../wire/reader.ts';
import { writeVarlong } from '../wire/varint.ts';
import { SaslAuthenticate } from './sasl-authenticate.ts';

/** How each kind of blob is checked. */
const blobChecks: Readonly<Record<string, (vector: BlobVector, bytes: Buffer) => void>> = {
  records: (vector, bytes) => expectRecords(bytes, vector),
  crc32c: (vector, bytes) => expect(crc32c(bytes)).toBe(vector.value),
  murmur2: (vector, bytes) => expect(murmur2(bytes) >>> 0).toBe(Number(vector.value) >>> 0),
  'fnv1a-partitioner': (vector, bytes) => expect(Math.abs(fnv1a(bytes))).toBe(vector.value),
  'record-v2': expectRecord,
  'sasl-bytes': expectSaslToken,
  struct: expectStruct,
  primitive: expectPrimitive,
};

describe.skipIf(sharedMissing)(overShared('other bytes from the test suites of others'), () => {
  it.each(foreignBlobs().map((vector) => [`${vector.kind} ${vector.id}`, vector] as const))('%s', (_label, vector) => {
    const checkBlob = blobChecks[vector.kind];
    if (!checkBlob) throw new TypeError(`nothing checks ${vector.kind}`);
    checkBlob(vector, Buffer.from(vector.hex, 'hex'));
  });
});

/** One record: written into a batch of its own it has these bytes, after its length. */
function expectRecord({ decoded, context }: BlobVector, bytes: Buffer): void {
  const record = decoded as { timestamp: number; key: { utf8: string }; value: { utf8: string }; headers: Headers };
  type Headers = { key: string; value: { utf8: string } }[];
  const builder = new BatchBuilder();
  const headers = record.headers.map(({ key, value }) => [key, Buffer.from(value.utf8)] as const);
  builder.append(record.timestamp, Buffer.from(record.key.utf8), Buffer.from(record.value.utf8), headers);
  expect(record.timestamp).toBe(context.baseTimestamp);
  const written = builder.seal().subarray(61);
  expect(written.subarray(written.length - bytes.length).toString('hex')).toBe(bytes.toString('hex'));
}

function expectSaslToken({ utf8, id }: BlobVector, bytes: Buffer): void {
  const request = decodeBody(SaslAuthenticate, 'request', 0, bytes) as { authBytes: Buffer };
  expect(request.authBytes.toString()).toBe(utf8.slice(4));
  expect(encodeBody(SaslAuthenticate, 'request', 0, request)).toEqual(bytes);
  if (id.includes('plain_bytes')) expect(plainToken(readPlainToken(request.authBytes))).toEqual(request.authBytes);
}

function expectStruct(vector: BlobVector, bytes: Buffer): void {
  const isAssignment = vector.struct === 'ConsumerProtocolAssignment';
  const decoded = isAssignment ? decodeAssignment(bytes) : decodeSubscription(bytes);
  expectMeaning(vector, decoded);
  if (treatmentOf(vector) === 'tolerated') return;
  const again = 'topics' in decoded ? encodeSubscription(decoded) : encodeAssignment(decoded);
  expect(again.toString('hex')).toBe(vector.hex);
}

const primitives: Readonly<Record<string, (r: Reader) => unknown>> = {
  'int32 int32 int64 int16 int32': (r) => [r.int32(), r.int32(), Number(r.int64()), r.int16(), r.int32()],
  string: (r) => r.string(),
  bytes: (r) => r.bytes().toString(),
  'array of int32': (r) => r.array(() => r.int32()),
  'flexible struct {x:int32, child:nullable struct{y:int32}}': (r) => {
    const struct = { x: r.int32(), child: r.nullableStruct(() => ({ y: r.int32() })) };
    r.tags();
    return struct;
  },
  'tagged fields {0:int16, 1:compact string}': (r) => {
    const found: Record<string, unknown> = {};
    r.tags((tag, field) => {
      found[tag] = tag === 0 ? field.int16() : field.string();
      return true;
    });
    return found;
  },
};

function expectPrimitive({ type, value }: BlobVector, bytes: Buffer): void {
  if (type === 'varlong (zigzag 64)') {
    const written = Buffer.alloc(10);
    const end = writeVarlong(written, 0, Number(value));
    expect(written.subarray(0, end).toString('hex')).toBe(bytes.toString('hex'));
  } else {
    expectRead(primitives[type], type, value, bytes);
  }
}

function expectRead(read: ((r: Reader) => unknown) | undefined, type: string, value: unknown, bytes: Buffer): void {
  if (!read) throw new TypeError(`nothing reads ${type}`);
  const r = new Reader(bytes, /flexible|tagged/.test(type));
  expect(read(r)).toEqual(value);
  r.finish(type);
}
