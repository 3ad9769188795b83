// Bytes of strangers: every vector of the shared material whose API or format is ours is read whole, means what its
// source says, is written again as the same bytes, and is refused wherever it is cut.
import { describe, expect, it } from 'vitest';
import { type AnyApi, isFlexible } from '../api.ts';
import { ProtocolError } from '../errors.ts';
import {
  decodeRequestHeaderRest,
  decodeRequestPrefix,
  encodeRequestHeader,
  encodeResponseHeader,
  skipResponseHeaderRest,
} from '../frame/headers.ts';
import { decodeAssignment, encodeAssignment } from '../group/assignment.ts';
import { decodeSubscription, encodeSubscription } from '../group/subscription.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { CorruptBatchError } from '../records/corrupt-batch-error.ts';
import { crc32c } from '../records/crc32c.ts';
import { fnv1a } from '../records/fnv1a.ts';
import { murmur2 } from '../records/murmur2.ts';
import type { RecordsView } from '../records/record.ts';
import { batchesOf } from '../records/records.ts';
import { plainToken, readPlainToken } from '../sasl/plain.ts';
import { differences, hoisted } from '../testing/alike.ts';
import { decodeBody, encodeBody, prefixesTaken } from '../testing/direction.ts';
import { overShared, sharedMissing } from '../testing/shared.ts';
import {
  type BlobVector,
  foreignBlobs,
  foreignMessages,
  type MessageVector,
  schemaMessages,
  type VectorBatch,
  type VectorRecords,
  vectorBytes,
} from '../testing/vectors.ts';
import { Reader } from '../wire/reader.ts';
import { writeVarlong } from '../wire/varint.ts';
import { Writer } from '../wire/writer.ts';
import { apiByKey, apis } from './index.ts';
import { SaslAuthenticate } from './sasl-authenticate.ts';

type Treatment =
  | 'left-over' // refused for the bytes after the body; the body before them is read
  | 'refused'
  | 'tolerated' // read, but not what would be written
  | 'reshaped'; // read and written again, but in memory not as the vector has it

/** Every vector that is not read, compared, written and cut like the others, and why. */
const EXCEPTIONS: readonly (readonly [id: string, treatment: Treatment, reason: string])[] = [
  ['TestAdministrativeAPI.test_api_versions_response', 'left-over', 'the body of v1 under the name of v0'],
  ['TestAdministrativeAPI.test_describe_groups_response', 'left-over', 'four zeros after the body'],
  ['TestFetchAPI.test_gzip_decompression', 'left-over', 'four zeros after the body'],
  ['TestFetchAPIV1.test_gzip_decompression', 'left-over', 'four zeros after the body'],
  ['TestFetchAPIV1.test_snappy_decompression', 'left-over', 'four zeros after the body'],
  ['TestFetchAPIV2.test_gzip_decompression', 'left-over', 'four zeros after the body'],
  ['TestFetchAPIV2.test_snappy_decompression', 'left-over', 'four zeros after the body'],
  ['TestGroupMembershipAPI.test_join_group_response', 'left-over', 'four zeros after the body'],
  ['TestGroupMembershipAPI.test_sync_group_response', 'left-over', 'the capture was split at the wrong place'],
  ['TestListOffsetAPIV1.test_response', 'refused', 'an array length before the one offset of v1'],
  ['TestListOffsetAPIV1.test_partition_error', 'refused', 'an array length before the one offset of v1'],
  ['v1_response_missing_throttle_time.json', 'tolerated', 'some brokers end ApiVersions v1 after the list'],
  ['test_member_assignment_construction', 'tolerated', 'pykafka writes version 1 without user data'],
  ['memberMetadata.json', 'tolerated', 'kafkajs writes version 1 without owned partitions'],
  ['v1_memberMetadata.json', 'tolerated', 'kafkajs writes version 1 without owned partitions'],
  ['v1_assignerMetadata.json', 'tolerated', 'kafkajs writes version 1 without owned partitions'],
  ['v2_assignerMetadata.json', 'tolerated', 'kafkajs writes version 1 without owned partitions'],
  ['TestMetadataAPI.test_request', 'reshaped', 'v0 asks for all topics with an empty list, which is null here'],
  ['unknown_tagged_bytes', 'tolerated', 'unknown tags are skipped, and not kept for writing'],
  ['StreamsGroupDescribeResponse v1', 'refused', 'made before v1 was given assignor_name, which Kafka 4.4.0 has'],
];

/** Versions for which there are no bytes made from the message definitions, by key: their own tests have to do. */
const WITHOUT_VECTORS: readonly string[] = [
  'ApiVersions v5',
  'AddRaftVoter v0',
  'AddRaftVoter v1',
  'RemoveRaftVoter v0',
  'StreamsGroupTopologyDescriptionUpdate v0',
  'UnregisterController v0',
];

function exceptionOf({ id, kind }: { id: string; kind: string }): (typeof EXCEPTIONS)[number] | undefined {
  const isNamed = (end: string): boolean => ['/', '.', ':'].some((mark) => id.endsWith(mark + end));
  return EXCEPTIONS.find(([end]) => kind === end || id === end || isNamed(end));
}

function treatmentOf(vector: { id: string; kind: string }): Treatment | undefined {
  return exceptionOf(vector)?.[1];
}

type Message = MessageVector & { readonly codec: AnyApi; readonly label: string };

function ours(vectors: readonly MessageVector[]): Message[] {
  return vectors.flatMap((vector) => {
    const codec = apiByKey(vector.apiKey);
    return codec ? [{ ...vector, codec, label: `${vector.id} ${vector.kind}` }] : [];
  });
}

/** A frame's parts; a vector that is a body alone has no head. */
function partsOf({ codec, kind, apiVersion, framing, hex }: Message): { head: Buffer; body: Buffer } {
  const bytes = Buffer.from(hex, 'hex');
  if (framing === 'body') return { head: Buffer.alloc(0), body: bytes };
  const r = new Reader(bytes);
  if (framing === 'framed') expect(r.int32()).toBe(bytes.length - 4);
  const start = r.position;
  if (kind === 'response') {
    r.int32();
    skipResponseHeaderRest(r, codec, apiVersion);
  } else {
    expect(decodeRequestPrefix(r)).toMatchObject({ apiKey: codec.key, apiVersion });
    decodeRequestHeaderRest(r, isFlexible(codec, apiVersion));
  }
  return { head: bytes.subarray(start, r.position), body: bytes.subarray(r.position) };
}

function expectHeadAgain({ codec, kind, apiVersion }: Message, head: Buffer): void {
  const r = new Reader(head);
  const w = new Writer(isFlexible(codec, apiVersion));
  if (kind === 'response') encodeResponseHeader(w, codec, apiVersion, r.int32());
  else {
    const { correlationId } = decodeRequestPrefix(r);
    const clientId = decodeRequestHeaderRest(r, isFlexible(codec, apiVersion));
    encodeRequestHeader(w, codec, { apiVersion, correlationId, clientId });
  }
  expect(w.toBuffer().toString('hex')).toBe(head.toString('hex'));
}

function check(vector: Message): void {
  const { codec, kind, apiVersion } = vector;
  const { head, body } = partsOf(vector);
  if (head.length > 0) expectHeadAgain(vector, head);
  const treatment = treatmentOf(vector);
  const read = (bytes: Buffer): unknown => decodeBody(codec, kind, apiVersion, bytes);
  if (treatment === 'refused' || treatment === 'left-over') expect(() => read(body)).toThrow(ProtocolError);
  if (treatment === 'refused') return;
  const own = withoutRest(vector, body);
  const decoded = read(own);
  if (treatment !== 'reshaped') expectMeaning(vector, hoisted(codec.name, apiVersion, decoded));
  if (treatment === 'tolerated') return;
  expect(encodeBody(codec, kind, apiVersion, decoded).toString('hex')).toBe(own.toString('hex'));
  const withoutThrottle = codec.name === 'ApiVersions' && kind === 'response' && (apiVersion === 1 || apiVersion === 2);
  expect(prefixesTaken(codec, kind, apiVersion, own)).toEqual(withoutThrottle ? [own.length - 4] : []);
}

function withoutRest(vector: Message, body: Buffer): Buffer {
  return body.subarray(0, body.length - (vector.trailingHex ?? '').length / 2);
}

function expectMeaning(vector: MessageVector | BlobVector, decoded: unknown): void {
  const expected = vector.decoded ?? vector.decodedAsV0;
  if (expected === undefined) expect(vector.valid, 'only an invalid vector says nothing').toBe(false);
  else expect(differences(expected, decoded, 'api' in vector ? vector.api : '')).toEqual([]);
}

describe.skipIf(sharedMissing)(overShared('bodies made from the message definitions'), () => {
  const vectors = ours(schemaMessages());
  it.each(vectors.map((vector) => [vector.label, vector] as const))('%s', (_label, vector) => check(vector));

  it('cover each version of each of our APIs but those that were made after them or left out of them', () => {
    const covered = new Set(vectors.map(({ codec, apiVersion, kind }) => `${codec.name} v${apiVersion} ${kind}`));
    const all = apis.flatMap(({ name, versions: [first, last] }) => {
      const each = Array.from({ length: last - first + 1 }, (_, i) => `${name} v${first + i}`);
      return each.flatMap((version) => [`${version} request`, `${version} response`]);
    });
    const without = WITHOUT_VECTORS.flatMap((version) => [`${version} request`, `${version} response`]);
    expect(all.filter((one) => !covered.has(one))).toEqual(without);
  });
});

describe.skipIf(sharedMissing)(overShared('messages from the test suites of others'), () => {
  const vectors = ours(foreignMessages());
  it.each(vectors.map((vector) => [vector.label, vector] as const))('%s', (_label, vector) => check(vector));

  const withRecords = vectors.filter(({ recordsDecoded }) => recordsDecoded);
  it.each(withRecords.map((vector) => [vector.label, vector] as const))('their records: %s', (_label, vector) => {
    const { body } = partsOf(vector);
    const decoded = decodeBody(vector.codec, vector.kind, vector.apiVersion, withoutRest(vector, body));
    for (const { path, ...expected } of vector.recordsDecoded ?? []) expectRecords(bufferAt(decoded, path), expected);
  });

  it('are at least those that are known to be there', () => {
    expect(vectors.length).toBeGreaterThan(200);
  });
});

function bufferAt(message: unknown, path: string): Buffer {
  const found = path.split(/[.[\]]+/).reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], message);
  if (!Buffer.isBuffer(found)) throw new TypeError(`no bytes at ${path}`);
  return found;
}

function expectRecords(bytes: Buffer, expected: VectorRecords): void {
  const views = [...batchesOf(bytes)];
  expect(views.map(({ magic }) => magic)).toEqual(expected.batches.map(({ magic }) => magic));
  const whole = views.reduce((sum, view) => sum + view.sizeInBytes, 0);
  expect(bytes.length - whole).toBe(expected.incompleteTrailingBytes);
  for (const [i, batch] of expected.batches.entries()) expectBatch(views[i] as RecordsView, batch);
}

function expectBatch(view: RecordsView, batch: VectorBatch): void {
  expect(view.sizeInBytes).toBe(12 + (batch.size ?? batch.batchLength));
  if (batch.crcValid) view.verify();
  else expect(() => view.verify()).toThrow(CorruptBatchError);
  if (batch.recordsError) expect(() => [...view.records()]).toThrow(CorruptBatchError);
  else expectContent(view, batch);
}

function expectContent(view: RecordsView, batch: VectorBatch): void {
  const records = [...view.records()].map(({ offset, timestampMs, key, value, headers }) => {
    return batch.magic === 2 ? { offset, timestampMs, key, value, headers } : { key, value };
  });
  expect(records).toEqual(batch.magic === 2 ? recordsOf(batch) : (batch.inner ?? [batch]).map(keyAndValue));
}

function recordsOf(batch: VectorBatch): unknown[] {
  const isAppend = batch.timestampType === 'LogAppendTime';
  return (batch.records ?? []).map((record) => ({
    offset: BigInt(batch.baseOffset) + BigInt(record.offsetDelta),
    timestampMs: isAppend ? batch.maxTimestamp : batch.baseTimestamp + record.timestampDelta,
    ...keyAndValue(record),
    headers: record.headers.map(({ key, value }) => [key, vectorBytes(value)]),
  }));
}

function keyAndValue(record: Pick<VectorBatch, 'key' | 'value'>): { key: Buffer | null; value: Buffer | null } {
  return { key: vectorBytes(record.key), value: vectorBytes(record.value) };
}

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

describe.skipIf(sharedMissing)(overShared('the list of exceptions'), () => {
  it('names nothing that is not there', () => {
    const all = [...schemaMessages(), ...foreignMessages(), ...foreignBlobs()];
    const unused = EXCEPTIONS.filter((entry) => !all.some((vector) => exceptionOf(vector) === entry));
    expect(unused).toEqual([]);
  });

  it('names every vector of ours that its source calls invalid', () => {
    const invalid = [...ours(foreignMessages()), ...foreignBlobs()].filter(({ valid }) => !valid);
    const unnamed = invalid.filter((vector) => !treatmentOf(vector)).map(({ id }) => id);
    // A batch whose checksum is wrong: the check of records knows that from the vector itself.
    expect(unnamed).toEqual(['kafka-python:test/record/test_records.py:66::control_batch_data_v2']);
  });
});
