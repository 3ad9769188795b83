// Messages of strangers: every vector of the shared material whose API is ours is read whole, means what its source says,
// is written again as the same bytes, and is refused wherever it is cut.
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
import { hoisted } from '../testing/alike.ts';
import { decodeBody, encodeBody, prefixesTaken } from '../testing/direction.ts';
import { expectMeaning, expectRecords } from '../testing/expected.ts';
import { overShared, sharedMissing } from '../testing/shared.ts';
import { EXCEPTIONS, exceptionOf, treatmentOf } from '../testing/vector-exceptions.ts';
import { foreignBlobs, foreignMessages, type MessageVector, schemaMessages } from '../testing/vectors.ts';
import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';
import { apiByKey, apis } from './index.ts';

/** Versions for which there are no bytes made from the message definitions, by key: their own tests have to do. */
const WITHOUT_VECTORS: readonly string[] = [
  'ApiVersions v5',
  'AddRaftVoter v0',
  'AddRaftVoter v1',
  'RemoveRaftVoter v0',
  'StreamsGroupTopologyDescriptionUpdate v0',
  'UnregisterController v0',
];

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
