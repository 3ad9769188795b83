// Old and foreign bytes: what real brokers kept and what other clients' test suites hold.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BatchView } from './batch-view.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import { crc32c } from './crc32c.ts';
import { murmur2 } from './murmur2.ts';
import type { RecordView } from './record.ts';
import { batchesOf } from './records.ts';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../../..');
const SHARED = process.env.HOP_SHARED ?? join(ROOT, '../shared');
const isRequired = (process.env.HOP_TEST_REQUIRE ?? '').includes('shared');
const isMissing = !existsSync(SHARED) && !isRequired;
const because = isMissing ? ' [skipped: the shared test material is not beside the repository]' : '';

interface Fetched {
  hex: string;
  entries: { offset: number; magic: number }[];
}
type OldCapture = Record<string, { sentHex: string; fetch: Record<string, Fetched | string> }>;
interface Frame {
  dir: 'request' | 'response';
  api: number;
  hex: string;
}
type Text = { utf8: string } | { hex: string } | null;
interface ForeignRecord {
  key: Text;
  value: Text;
  offset: number;
  timestamp?: number;
  offsetDelta: number;
  timestampDelta: number;
  headers: { key: string; value: Text }[];
}
interface ForeignBatch extends ForeignRecord {
  magic: number;
  crcValid: boolean;
  baseOffset: number;
  baseTimestamp: number;
  maxTimestamp: number;
  timestampType: string;
  producerId: number;
  recordsError?: string;
  records?: ForeignRecord[];
  inner?: ForeignRecord[];
}
interface Vector {
  id: string;
  kind: string;
  hex: string;
  value: number;
  batches: ForeignBatch[];
  recordsDecoded?: { batches: ForeignBatch[] }[];
  decoded?: unknown;
}

function load<T>(file: string): T {
  return isMissing ? JSON.parse('{}') : JSON.parse(readFileSync(join(SHARED, file), 'utf8'));
}

function recordsOf(hex: string): RecordView[] {
  return [...batchesOf(Buffer.from(hex, 'hex'))].flatMap((view) => {
    view.verify();
    return [...view.records()];
  });
}

/** Key, value and offset of the three messages each case of the old captures sent. */
const plain = (r: RecordView) => [r.offset, r.key?.toString(), r.value?.toString(), r.headers];
const OLD = [0, 1, 2].map((i) => [BigInt(i), `k${i}`, `value ${i} `.repeat(5), []]);

describe.skipIf(isMissing)(`message sets of old clients (shared captures)${because}`, () => {
  const files = ['old-3.9.2', 'old-4.3.1', 'old-kop-kafka', 'old-kop-pulsar'];
  const cases = files.flatMap((file) =>
    Object.entries(load<OldCapture>(`captures/${file}.json`)).flatMap(([name, { sentHex, fetch }]) => [
      [`${file}, ${name}: as sent`, sentHex] as const,
      ...Object.entries(fetch).flatMap(([version, answer]) =>
        typeof answer === 'string' || answer.hex === ''
          ? []
          : [[`${file}, ${name}: fetch ${version}`, answer.hex] as const],
      ),
    ]),
  );

  it.each(cases)('%s', (_, hex) => {
    expect(recordsOf(hex).map(plain)).toEqual(OLD);
  });
});

/** Batches of magic 2 wherever they stand in a frame: found by a checksum that is right. */
function batchesIn(frame: Buffer): BatchView[] {
  const found: BatchView[] = [];
  for (let at = 0; at + 61 <= frame.length; at++) {
    if (frame[at + 16] !== 2) continue;
    try {
      const batch = BatchView.at(frame, at);
      batch.verify();
      found.push(batch);
    } catch (error) {
      if (!(error instanceof CorruptBatchError)) throw error;
    }
  }
  return found;
}

describe.skipIf(isMissing).each(['kafka', 'pulsar'])(
  `batches of librdkafka and KoP, entry format %s (shared captures)${because}`,
  (format) => {
    const { frames = [] } = load<{ frames?: Frame[] }>(`captures/kop-frames-${format}.json`);
    const of = (api: number, dir: string) =>
      frames.filter((f) => f.api === api && f.dir === dir).flatMap((f) => batchesIn(Buffer.from(f.hex, 'hex')));
    const text = (batches: BatchView[]) =>
      batches
        .filter((b) => !b.isControl)
        .flatMap((b) => [...b.records()].map((r) => `${r.key ?? 'null'}=${r.value ?? 'null'}`));

    it('reads what was produced, in all five codecs', () => {
      const produced = of(0, 'request');
      expect(produced.map((b) => b.codec)).toEqual(['none', 'none', 'gzip', 'snappy', 'lz4', 'zstd', 'none', 'none']);
      expect(text(produced).slice(0, 3)).toEqual(['k=v0', 'k=v1', 'k=v2']);
      const id = Buffer.from('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 'hex');
      const [first] = [...(produced[0]?.records() ?? [])];
      expect(first?.headers).toEqual([
        ['_id', id],
        ['h', Buffer.from('ü')],
        ['empty', Buffer.alloc(0)],
      ]);
      for (const batch of produced.slice(2, 6)) {
        const [record] = [...batch.records()];
        expect([record?.key?.toString(), record?.value?.toString()]).toEqual([batch.codec, 'c'.repeat(300)]);
      }
    });

    it('fetches the same records again, at ascending offsets', () => {
      const fetched = of(1, 'response');
      const offsets = fetched.flatMap((b) => [...b.records()].map((r) => r.offset));
      expect(offsets.length).toBeGreaterThan(0);
      expect(offsets).toEqual([...offsets].sort((a, b) => (a < b ? -1 : 1)));
      const produced = text(of(0, 'request'));
      expect(produced).toEqual(expect.arrayContaining(text(fetched)));
      expect(new Set(text(fetched))).toEqual(new Set(produced));
    });
  },
);

const bytesOf = (text: Text) =>
  text === null ? null : 'utf8' in text ? Buffer.from(text.utf8) : Buffer.from(text.hex, 'hex');

function expectedOf(batch: ForeignBatch): object[] {
  if (batch.magic < 2) {
    return (batch.inner ?? [batch]).map((r) => ({ key: bytesOf(r.key), value: bytesOf(r.value), headers: [] }));
  }
  return (batch.records ?? []).map((r) => ({
    offset: BigInt(batch.baseOffset + r.offsetDelta),
    timestampMs: batch.timestampType === 'LogAppendTime' ? batch.maxTimestamp : batch.baseTimestamp + r.timestampDelta,
    key: bytesOf(r.key),
    value: bytesOf(r.value),
    headers: r.headers.map((h) => [h.key, bytesOf(h.value)]),
  }));
}

/** All `records` bytes inside a decoded body, in order. */
function recordBytesOf(node: unknown, name = ''): string[] {
  if (node === null || typeof node !== 'object') return [];
  if (name === 'records' && 'hex' in node && typeof node.hex === 'string') return [node.hex];
  return Object.entries(node).flatMap(([key, value]) => recordBytesOf(value, key));
}

function checkBatches(hex: string, expected: ForeignBatch[]): void {
  const views = [...batchesOf(Buffer.from(hex, 'hex'))];
  expect(views.map((v) => v.magic)).toEqual(expected.map((b) => b.magic));
  views.forEach((view, i) => {
    const batch = expected[i];
    if (!batch) throw new TypeError('checked above');
    if (batch.crcValid) view.verify();
    else expect(() => view.verify()).toThrow(CorruptBatchError);
    const read = () =>
      [...view.records()].map(({ offset, timestampMs, key, value, headers }) => ({
        offset,
        timestampMs,
        key,
        value,
        headers,
      }));
    if (batch.recordsError) expect(read).toThrow(CorruptBatchError);
    else expect(read()).toMatchObject(expectedOf(batch));
  });
}

describe.skipIf(isMissing)(`vectors of other clients (shared vectors)${because}`, () => {
  const { vectors = [] } = load<{ vectors?: Vector[] }>('vectors/foreign-frames.json');
  const of = (kind: string) => vectors.filter((v) => v.kind === kind).map((v) => [v.id, v] as const);

  it.each(of('records'))('%s', (_, { hex, batches }) => checkBatches(hex, batches));

  it.each(vectors.filter((v) => v.recordsDecoded).map((v) => [v.id, v] as const))('records inside %s', (_, vector) => {
    const sets = recordBytesOf(vector.decoded);
    const decoded = vector.recordsDecoded ?? [];
    expect(sets.length).toBeGreaterThanOrEqual(decoded.length);
    const filled = sets.filter((hex) => hex !== '');
    expect(filled).toHaveLength(decoded.length);
    for (const [i, hex] of filled.entries()) checkBatches(hex, decoded[i]?.batches ?? []);
  });

  it.each(of('crc32c'))('%s', (_, { hex, value }) => expect(crc32c(Buffer.from(hex, 'hex'))).toBe(value >>> 0));
  it.each(of('murmur2'))('%s', (_, { hex, value }) => expect(murmur2(Buffer.from(hex, 'hex'))).toBe(value));
});
