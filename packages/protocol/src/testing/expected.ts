// What a vector says its bytes mean, against what our decoders make of them.
import { expect } from 'vitest';
import { CorruptBatchError } from '../records/corrupt-batch-error.ts';
import type { RecordsView } from '../records/record.ts';
import { batchesOf } from '../records/records.ts';
import { differences } from './alike.ts';
import { type BlobVector, type MessageVector, type VectorBatch, type VectorRecords, vectorBytes } from './vectors.ts';

export function expectMeaning(vector: MessageVector | BlobVector, decoded: unknown): void {
  const expected = vector.decoded ?? vector.decodedAsV0;
  if (expected === undefined) expect(vector.valid, 'only an invalid vector says nothing').toBe(false);
  else expect(differences(expected, decoded, 'api' in vector ? vector.api : '')).toEqual([]);
}

export function expectRecords(bytes: Buffer, expected: VectorRecords): void {
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
