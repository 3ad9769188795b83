// Offsets at the edge of 64 bits, and limits other than the usual: where arithmetic goes wrong first.
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from './batch-builder.ts';
import { BatchView } from './batch-view.ts';
import { compress } from './compression/index.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import { MessageSetView } from './message-set.ts';
import { MessageSetBuilder } from './message-set-builder.ts';
import { readRecords } from './read-records.ts';
import { DEFAULT_MAX_UNPACKED_BYTES } from './record.ts';

const T = 1_700_000_000_000;
const LAST_OFFSET = 2n ** 63n - 1n;

function batch(): Buffer {
  const builder = new BatchBuilder();
  for (const value of ['a', 'b']) builder.append(T, null, value);
  return builder.seal();
}

function wrapper(innerOffset: bigint, outerOffset: bigint): Buffer {
  const builder = new MessageSetBuilder({ magic: 0 });
  for (let i = 0; i < 20; i++) builder.append(-1, null, 'the same again and again');
  const entry = builder.seal({ compression: 'gzip', baseOffset: innerOffset });
  entry.writeBigInt64BE(outerOffset, 0);
  return entry;
}

describe('offsets beyond 64 bits', () => {
  it('of a batch are refused, with the one after its last record', () => {
    const bytes = batch();
    for (const offset of [LAST_OFFSET, LAST_OFFSET - 1n]) {
      bytes.writeBigInt64BE(offset, 0);
      expect(() => BatchView.at(bytes)).toThrow(CorruptBatchError);
    }
    bytes.writeBigInt64BE(2n ** 62n, 0);
    expect(BatchView.at(bytes).lastOffset).toBe(2n ** 62n + 1n);
  });

  it('of a message are refused, and of what a wrapper shifts', () => {
    const builder = new MessageSetBuilder({ magic: 1 });
    builder.append(T, null, 'a');
    expect(() => MessageSetView.at(builder.seal({ baseOffset: LAST_OFFSET }))).toThrow(CorruptBatchError);
    const shifted = MessageSetView.at(wrapper(2n ** 62n, 2n ** 62n + 1000n));
    expect(() => [...shifted.records()]).toThrow(CorruptBatchError);
    expect(() => shifted.lastOffset).toThrow(CorruptBatchError);
  });
});

describe('a batch that ends before it begins', () => {
  it('is refused: whoever reads on after its last offset would read it for ever', () => {
    const bytes = batch();
    bytes.writeInt32BE(-1, 23);
    expect(() => BatchView.at(bytes)).toThrow(/last offset/);
  });
});

describe('a limit above the usual', () => {
  it('holds for a wrapper and the facts of its messages', () => {
    const size = DEFAULT_MAX_UNPACKED_BYTES + 1;
    const inside = Buffer.alloc(26 + size);
    inside.writeInt32BE(14 + size, 8);
    inside.writeInt32BE(-1, 18);
    inside.writeInt32BE(size, 22);
    const packed = compress('lz4', inside, { brokenLz4Checksum: true });
    const entry = Buffer.alloc(26 + packed.length);
    entry.writeInt32BE(14 + packed.length, 8);
    entry[17] = 3;
    entry.writeInt32BE(-1, 18);
    entry.writeInt32BE(packed.length, 22);
    entry.set(packed, 26);
    const [record] = [...readRecords(entry, { verify: false, maxBytes: 2 * size })];
    expect(record?.value?.length).toBe(size);
    expect(record?.batch.lastOffset).toBe(0n);
  });
});
