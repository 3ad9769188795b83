import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Fetch } from '../apis/fetch.ts';
import { Produce } from '../apis/produce.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import { buildEndMarker } from '../records/control-record.ts';
import { crc32 } from '../records/crc32.ts';
import { bytes } from '../testing/bytes.ts';
import { encodeBody } from '../testing/direction.ts';
import { sampleOf } from '../testing/sample-reader.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import { explain } from './explain.ts';

const records = { part: 'records' } as const;

function batch(count = 1, compression: 'none' | 'gzip' = 'none'): Buffer {
  const builder = new BatchBuilder();
  for (let i = 0; i < count; i++) builder.append(1_700_000_000_000 + i, `k${i}`, `v${i}`, [['h', 'x']]);
  return builder.seal({ baseOffset: 42n, compression });
}

/** An entry of a message set; its checksum is right. */
function message(magic: 0 | 1, attributes: number, value: Buffer, offset = 0): Buffer {
  const time = magic === 1 ? bytes`0000018bcfe56800` : Buffer.alloc(0);
  const length = Buffer.alloc(4);
  length.writeInt32BE(value.length);
  const checked = Buffer.concat([Buffer.from([magic, attributes]), time, bytes`ffffffff`, length, value]);
  const head = Buffer.alloc(16);
  head.writeBigInt64BE(BigInt(offset));
  head.writeInt32BE(checked.length + 4, 8);
  head.writeUInt32BE(crc32(checked), 12);
  return Buffer.concat([head, checked]);
}

function failures(dump: string): string[] {
  return dump.split('\n').filter((line) => line.includes('!!'));
}

describe('explain, over record sets', () => {
  it('a batch: every field of its head and of each record', () => {
    const dump = explain(batch()).split('\n');
    const values = dump.map((line) => line.slice(51));
    expect(dump[0]).toBe('      record batch 0, magic 2, 76 bytes');
    expect(values.slice(1)).toEqual([
      'baseOffset = 42',
      'batchLength = 64',
      'partitionLeaderEpoch = -1',
      'magic = 2',
      expect.stringMatching(/^crc = 0x[0-9a-f]{8}$/),
      'attributes = 0',
      'lastOffsetDelta = 0, last offset 42',
      'baseTimestamp = 1700000000000 2023-11-14T22:13:20.000Z',
      'maxTimestamp = 1700000000000 2023-11-14T22:13:20.000Z',
      'producerId = -1',
      'producerEpoch = -1',
      'baseSequence = -1',
      'recordCount = 1',
      'record[0].length = 14',
      'record[0].attributes = 0',
      'record[0].timestampDelta = 0, 1700000000000 2023-11-14T22:13:20.000Z',
      'record[0].offsetDelta = 0, offset 42',
      'record[0].key = 2 bytes "k0"',
      'record[0].value = 2 bytes "v0"',
      'record[0].headers = 1',
      'record[0].headers[0].key = "h"',
      'record[0].headers[0].value = 1 bytes "x"',
    ]);
    expect(dump.slice(-1)).toEqual([
      '004a  0278                        varint bytes     record[0].headers[0].value = 1 bytes "x"',
    ]);
  });

  it('compressed records are unpacked, and marked', () => {
    const dump = explain(batch(100, 'gzip'));
    expect(dump).toContain('attributes = 1 gzip');
    expect(dump).toMatch(/unpacked, \d+ bytes; positions with ~ count in them/);
    expect(dump).toMatch(/^0000~ 1c {26}varint {11}record\[0\]\.length = 14$/m);
    expect(dump).toContain('record[99].value = 3 bytes "v99"');
  });

  it('shows as many records of a batch as asked for', () => {
    const dump = explain(batch(10), records, { mostRecords: 2 });
    expect(dump).toContain('record[1].value');
    expect(dump).not.toContain('record[2].');
    expect(dump).toMatch(/8 more records, \d+ bytes, not shown/);
    expect(failures(dump)).toEqual([]);
  });

  it('control batches say what their markers are', () => {
    const marker = buildEndMarker({
      type: 'commit',
      producerId: 7n,
      producerEpoch: 1,
      coordinatorEpoch: 3,
      timestampMs: 1,
    });
    const dump = explain(marker);
    expect(dump).toContain('transactional, control');
    expect(dump).toContain('record[0].key = 4 bytes, control record: commit');
  });

  it('messages of magic 0 and 1, and batches of all formats in one set', () => {
    const dump = explain(
      Buffer.concat([message(0, 0, Buffer.from('old')), message(1, 0, Buffer.from('newer')), batch()]),
    );
    expect(dump.match(/^ {6}(?:message|record batch) \d, magic \d/gm)).toEqual([
      '      message 0, magic 0',
      '      message 1, magic 1',
      '      record batch 2, magic 2',
    ]);
    expect(dump).toContain('timestamp = 1700000000000 2023-11-14T22:13:20.000Z');
    expect(dump).toContain('value = 3 bytes "old"');
    expect(failures(dump)).toEqual([]);
  });

  it('the messages inside a wrapper', () => {
    const inner = Buffer.concat([message(1, 0, Buffer.from('one')), message(1, 0, Buffer.from('two'), 1)]);
    const dump = explain(message(1, 1, gzipSync(inner), 8));
    expect(dump).toContain('attributes = 1 gzip');
    expect(dump).toMatch(/^[0-9a-f]{4}~ .*value = 3 bytes "two"$/m);
  });

  it('stand inside Produce requests at their places', () => {
    const partitionData = [{ index: 0, records: batch() }];
    const produce = 9;
    const body = encodeBody(Produce, 'request', produce, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 't', topicId: ZERO_UUID, partitionData }],
    });
    const dump = explain(body, { part: 'request', api: Produce, version: produce });
    const place = body.indexOf(batch()).toString(16).padStart(4, '0');
    expect(dump).toMatch(new RegExp(`^${place} .*baseOffset = 42$`, 'm'));
    expect(dump).toContain('record[0].value = 2 bytes "v0"');
  });

  it('a Fetch response may end with a partial batch', () => {
    const answer = encodeBody(Fetch, 'response', 12, withRecords(Buffer.concat([batch(), batch().subarray(0, 40)])));
    const dump = explain(answer, { part: 'response', api: Fetch, version: 12 });
    expect(dump).toContain('record[0].value = 2 bytes "v0"');
    expect(dump).toContain('partial batch: 76 bytes announced, 40 are there; legal at the end of a fetch');
    expect(failures(dump)).toEqual([]);
  });
});

/** A Fetch answer whose every partition has these records. */
function withRecords(set: Buffer): unknown {
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, k === 'records' ? set : replace(v)]));
  };
  return replace(sampleOf(Fetch, 'response', 12, 'lone'));
}

describe('explain, over damaged record sets', () => {
  it('marks a wrong checksum where it stands, and goes on', () => {
    const damaged = batch();
    damaged[damaged.length - 1] = 0x79;
    const dump = explain(damaged, records);
    expect(failures(dump)).toEqual([expect.stringMatching(/^0011 {2}!! CRC-32C is 0x/)]);
    expect(dump).toContain('record[0].headers[0].value = 1 bytes "y"');
    const old = message(0, 0, Buffer.from('old'));
    old[old.length - 1] = 0x79;
    expect(failures(explain(old, records))).toEqual([expect.stringMatching(/^000c {2}!! CRC-32 is 0x/)]);
  });

  it('a batch that is broken inside does not keep the next one from being explained', () => {
    const damaged = batch();
    damaged[61] = 0x7f;
    const dump = explain(Buffer.concat([damaged, batch()]), records);
    expect(failures(dump)).toEqual([
      expect.stringContaining('CRC-32C'),
      expect.stringContaining('record[0].length: -64 bytes announced'),
    ]);
    expect(dump).toContain('record batch 1');
    expect(dump).toContain('record[0].value');
  });

  it('refuses what cannot be unpacked, and shows the rest as it is', () => {
    const dump = explain(message(0, 1, Buffer.from('no gzip')), records);
    expect(failures(dump)).toHaveLength(1);
    const nested = gzipSync(message(1, 1, gzipSync(message(1, 0, Buffer.from('deep')))));
    expect(failures(explain(message(1, 1, nested), records))[0]).toContain('compressed within compressed');
  });

  it('sizes and magics that cannot be end the set', () => {
    expect(failures(explain(bytes`0000000000000000 00000001 00000000 02`, records))[0]).toContain('too small');
    const strange = batch();
    strange[16] = 9;
    expect(failures(explain(strange, records))[0]).toContain('unknown magic 9');
  });

  it('every prefix and every changed byte gives a dump and never an exception', () => {
    const sets = [batch(3), batch(3, 'gzip'), message(1, 1, gzipSync(message(1, 0, Buffer.from('one'))))];
    for (const set of sets) {
      for (let length = 0; length < set.length; length++) {
        expect(explain(set.subarray(0, length), records)).toBeTypeOf('string');
      }
      for (let at = 0; at < set.length; at++) {
        for (const value of [0x00, 0x7f, 0x80, 0xff]) {
          const changed = Buffer.from(set);
          changed[at] = value;
          expect(explain(changed, records)).toBeTypeOf('string');
        }
      }
    }
  });
});
