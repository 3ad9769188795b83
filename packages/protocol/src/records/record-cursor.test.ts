import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes } from '../testing/bytes.ts';
import { BatchBuilder } from './batch-builder.ts';
import { At } from './batch-layout.ts';
import { BatchView } from './batch-view.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import type { RecordView, RecordWalk } from './record.ts';

/** A batch with these bytes for records, and bytes after it that belong to somebody else. */
function batchWith(count: number, records: Buffer, after: Buffer = Buffer.alloc(64, 0)): BatchView {
  const builder = new BatchBuilder();
  builder.append(0, null, null);
  const header = builder.seal().subarray(0, At.records);
  header.writeInt32BE(At.records - 12 + records.length, At.batchLength);
  header.writeInt32BE(count, At.recordCount);
  return BatchView.at(Buffer.concat([header, records, after]));
}

function walk(count: number, records: Buffer, after?: Buffer): RecordView[] {
  return [...batchWith(count, records, after).records()];
}

describe('walking the records of a batch', () => {
  it.each([
    ['a record that is longer than what is left', bytes`10 00 00 00 01 01 00`, '8 bytes announced, 6 left'],
    ['a record of a negative length', bytes`01`, '-1 bytes announced'],
    ['a key that reaches beyond the record', bytes`0c 00 00 00 20 01 00`, 'its parts end'],
    ['a value that reaches beyond the record', bytes`0c 00 00 00 01 20 00`, 'its parts end'],
    ['a key of a length below that of null', bytes`0c 00 00 00 03 01 00`, 'field of -2 bytes'],
    ['a value of a length below that of null', bytes`0c 00 00 00 01 03 00`, 'field of -2 bytes'],
    ['more headers than bytes', bytes`0c 00 00 00 01 01 40`, '32 headers announced'],
    ['a negative number of headers', bytes`0c 00 00 00 01 01 01`, '-1 headers announced'],
    ['a header without a name', bytes`10 00 00 00 01 01 02 01 01`, 'header without a name'],
    ['a header whose value reaches beyond the record', bytes`10 00 00 00 01 01 02 00 30`, 'its parts end'],
    ['parts that end before the record does', bytes`0e 00 00 00 01 01 00 00`, 'its parts end -1 bytes'],
    ['bytes after the last record', bytes`0c 00 00 00 01 01 00 07`, '1 bytes left over after the records'],
    ['a number of six bytes', bytes`14 00 00 8080808080 00 01 01 00`, 'varint longer than 5 bytes'],
    ['a timestamp of eleven bytes', bytes`1e 00 8080808080 808080808000 00 01 01`, 'varlong longer than 10 bytes'],
  ])('refuses %s', (_, records, reason) => {
    expect(() => walk(1, records)).toThrow(CorruptBatchError);
    expect(() => walk(1, records)).toThrow(reason);
  });

  it('refuses a record that is cut off, whatever lies behind it', () => {
    const whole = bytes`1e 00 8002 8004 02 61 04 6263 02 02 6b 02 76`;
    expect(walk(1, whole).length).toBe(1);
    for (let end = 0; end < whole.length; end++) {
      for (const after of [Buffer.alloc(0), Buffer.alloc(64), Buffer.alloc(64, 0xff), whole]) {
        expect(() => walk(1, whole.subarray(0, end), after), `${end} bytes`).toThrow(CorruptBatchError);
      }
    }
  });

  it('takes numbers in more bytes than they need, as other clients may write them', () => {
    const [record] = walk(1, bytes`9800 00 8000 8200 8200 61 8100 8000`);
    expect([record?.offset, record?.timestampMs, record?.key, record?.value]).toEqual([1n, 0, bytes`61`, null]);
  });

  it('tells every distance of two timestamps, up to the safe integers', () => {
    const distances = [0, 1, 26, 27, 28, 31, 32, 34, 35, 52].flatMap((bit) => [2 ** bit - 1, 2 ** bit, 2 ** bit + 1]);
    const holds = fc.property(
      fc.oneof(fc.constantFrom(...distances), fc.maxSafeNat()),
      fc.boolean(),
      (distance, up) => {
        const timestamps = up ? [0, distance] : [distance, 0];
        const builder = new BatchBuilder();
        for (const timestamp of timestamps) builder.append(timestamp, null, null);
        const records = [...BatchView.at(builder.seal()).records()];
        expect(records.map(({ timestampMs }) => timestampMs)).toEqual(timestamps);
      },
    );
    fc.assert(holds);
  });

  it('of any bytes gives records whose parts lie within the batch, or a CorruptBatchError', () => {
    const record = fc.tuple(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 }));
    const changes = fc.array(fc.tuple(fc.nat({ max: 99 }), fc.nat({ max: 255 })), { maxLength: 4 });
    const holds = fc.property(fc.array(record, { minLength: 1, maxLength: 4 }), changes, (records, changed) => {
      const builder = new BatchBuilder();
      for (const [key, value] of records) builder.append(5, key, value, [['name', value]]);
      const body = Buffer.from(builder.seal().subarray(At.records));
      for (const [at, byte] of changed) body[at % body.length] = byte;
      const view = batchWith(records.length, body);
      const first = view.buffer.byteOffset + At.records;
      try {
        for (const { key, value, headers } of view.records()) {
          for (const part of [key, value, ...headers.map(([, bytes]) => bytes)]) {
            if (part === null) continue;
            expect(part.byteOffset).toBeGreaterThanOrEqual(first);
            expect(part.byteOffset + part.length).toBeLessThanOrEqual(first + body.length);
          }
        }
      } catch (error) {
        expect(error).toBeInstanceOf(CorruptBatchError);
      }
    });
    fc.assert(holds, { numRuns: 2000 });
  });

  it('without objects shows what the objects have, and refuses the same, for any bytes', () => {
    const records = fc.array(fc.tuple(field, field, fc.array(fc.tuple(fc.string(), field), { maxLength: 3 })), {
      minLength: 1,
      maxLength: 6,
    });
    const changes = fc.array(fc.tuple(fc.nat({ max: 999 }), fc.nat({ max: 255 })), { maxLength: 2 });
    const holds = fc.property(records, fc.nat(), changes, (written, timestamp, changed) => {
      const builder = new BatchBuilder();
      for (const [key, value, headers] of written) builder.append(timestamp, key, value, headers);
      const body = Buffer.from(builder.seal().subarray(At.records));
      for (const [at, byte] of changed) body[at % body.length] = byte;
      const view = batchWith(written.length, body);
      expect(outcomeOf(() => walked(view.walk()))).toEqual(outcomeOf(() => [...view.records()].map(plain)));
    });
    fc.assert(holds, { numRuns: 1000 });
  });
});

const field = fc.option(fc.uint8Array({ maxLength: 8 }), { nil: null });

function plain({ offset, timestampMs, key, value, headers }: RecordView): RecordView {
  return { offset, timestampMs, key, value, headers };
}

function walked(walk: RecordWalk): RecordView[] {
  const seen: RecordView[] = [];
  while (walk.advance()) seen.push(plain(walk));
  return seen;
}

function outcomeOf(work: () => RecordView[]): RecordView[] | string {
  try {
    return work();
  } catch (error) {
    return String(error);
  }
}
