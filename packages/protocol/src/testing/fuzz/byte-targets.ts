// Everything that is no API: frames, records, compressed bytes, what groups and SASL carry.
import { apis } from '../../apis/index.ts';
import { FrameReader } from '../../frame/frame-reader.ts';
import { decodeAssignment, encodeAssignment } from '../../group/assignment.ts';
import { decodeSubscription, encodeSubscription } from '../../group/subscription.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import { type CompressionName, compress, decompress } from '../../records/compression/index.ts';
import { readControlRecord } from '../../records/control-record.ts';
import { batchesOf } from '../../records/records.ts';
import { readPlainToken } from '../../sasl/plain.ts';
import type { FuzzTarget } from './target.ts';

const CODECS: readonly CompressionName[] = ['none', 'gzip'];
const UNPACK_LIMIT = 1024 * 1024;
const KIB = 1024;

export function byteTargets(): FuzzTarget[] {
  return [recordSet(), ...CODECS.slice(1).map(compressed), frames(), subscription(), assignment(), plain()];
}

function small(name: string, seeds: readonly Buffer[], check: (bytes: Buffer) => void): FuzzTarget {
  return { name, seeds, heapBytes: 512 * KIB, check };
}

/** Checksums are not looked at: every change of a record would end there. */
function recordSet(): FuzzTarget {
  const check = (bytes: Buffer): void => {
    for (const batch of batchesOf(bytes)) {
      for (const record of batch.records({ maxBytes: UNPACK_LIMIT })) {
        touch([record.offset, record.timestampMs, record.key, record.value, record.headers]);
        if (batch.isControl) touch([readControlRecord(record)]);
      }
    }
  };
  return { name: 'record set', seeds: CODECS.map(batch), heapBytes: 64 * UNPACK_LIMIT, check };
}

/** Getters decode: reading one is the test. */
function touch(values: readonly unknown[]): void {
  if (values.length === 0) throw new RangeError('nothing was touched');
}

function batch(compression: CompressionName): Buffer {
  const builder = new BatchBuilder();
  for (let i = 0; i < 12; i++) {
    builder.append(1_700_000_000_000 + i, i % 3 ? `key-${i}` : null, `value ${i} `.repeat(i), [['h', `${i}`]]);
  }
  return builder.seal({ compression, producerId: 7n, producerEpoch: 0, baseSequence: 0 });
}

function compressed(codec: CompressionName): FuzzTarget {
  const text = Buffer.from('to be or not to be, that is the question; '.repeat(40));
  const noise = Buffer.from(Array.from({ length: 700 }, (_, i) => (i * i * 31) >> 3));
  const check = (bytes: Buffer): void => {
    const unpacked = decompress(codec, bytes, UNPACK_LIMIT);
    if (unpacked.length > UNPACK_LIMIT) throw new Error(`unpacked to ${unpacked.length} bytes`);
  };
  const seeds = [text, noise, Buffer.alloc(0), Buffer.from('a')].map((bytes) => compress(codec, bytes));
  return { name: codec, seeds, heapBytes: 16 * UNPACK_LIMIT, check };
}

/** A frame of any size up to the limit may be announced, and gets its buffer at once. */
function frames(): FuzzTarget {
  const seeds = apis.slice(0, 8).map((_, i) => Buffer.concat([Buffer.from([0, 0, 0, i]), Buffer.alloc(i, i)]));
  const check = (bytes: Buffer): void => {
    let taken = 0;
    const reader = new FrameReader(UNPACK_LIMIT, (frame) => (taken += frame.length + 4));
    for (let at = 0; at < bytes.length; at += 3) reader.push(bytes.subarray(at, at + 3));
    if (taken > bytes.length) throw new Error(`${taken} bytes of frames out of ${bytes.length}`);
  };
  return { name: 'frames', seeds, heapBytes: 2 * UNPACK_LIMIT, check };
}

function subscription(): FuzzTarget {
  const owned = [{ topic: 'topic', partitions: [0, 1, 2] }];
  const seeds = [0, 1, 2, 3].map((version) =>
    encodeSubscription({
      version,
      topics: ['topic', 'naïve'],
      userData: Buffer.from('u'),
      ownedPartitions: version >= 1 ? owned : [],
      generationId: version >= 2 ? 5 : -1,
      rackId: version >= 3 ? 'rack' : null,
    }),
  );
  return small('subscription', seeds, (bytes) => {
    encodeSubscription(decodeSubscription(bytes));
  });
}

function assignment(): FuzzTarget {
  const assignedPartitions = [{ topic: 'topic', partitions: [0, 1] }];
  const seeds = [encodeAssignment({ version: 3, assignedPartitions, userData: Buffer.from('u') })];
  return small('assignment', seeds, (bytes) => {
    encodeAssignment(decodeAssignment(bytes));
  });
}

function plain(): FuzzTarget {
  return small('PLAIN token', [Buffer.from('\0alice\0secret')], (bytes) => {
    readPlainToken(bytes);
  });
}
