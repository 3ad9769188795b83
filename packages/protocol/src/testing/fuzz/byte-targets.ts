// Everything that is no API: frames, records, compressed bytes, what groups and SASL carry.
import { isDeepStrictEqual } from 'node:util';
import { apis } from '../../apis/index.ts';
import { explain } from '../../frame/explain.ts';
import { decodeRequestFrame, encodeRequestFrame } from '../../frame/frame.ts';
import { FrameReader } from '../../frame/frame-reader.ts';
import { decodeAssignment, encodeAssignment } from '../../group/assignment.ts';
import { decodeSubscription, encodeSubscription } from '../../group/subscription.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { BatchView } from '../../records/batch-view.ts';
import { type CompressionName, compress, decompress } from '../../records/compression/index.ts';
import { buildEndMarker, readControlRecord } from '../../records/control-record.ts';
import type { MessageSetView } from '../../records/message-set.ts';
import { MessageSetBuilder } from '../../records/message-set-builder.ts';
import { readRecords } from '../../records/read-records.ts';
import type { RecordView } from '../../records/record.ts';
import { batchesOf } from '../../records/records.ts';
import { plainToken, readPlainToken } from '../../sasl/plain.ts';
import { sampleOf } from '../sample-reader.ts';
import type { FuzzTarget } from './target.ts';

const CODECS: readonly CompressionName[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const OLD_CODECS = ['none', 'gzip', 'snappy', 'lz4'] as const;
const TIME = 1_700_000_000_000;
const KIB = 1024;
/** Near what the seeds unpack to, so that a change may go beyond it. */
const UNPACK_LIMIT = 4 * KIB;
const LARGEST_FRAME = 1024 * KIB;

export function byteTargets(): FuzzTarget[] {
  const packed = CODECS.slice(1).map(compressed);
  return [recordSet(), ...packed, stream(), requestFrame(), dump(), subscription(), assignment(), plain()];
}

function small(name: string, seeds: readonly Buffer[], check: (bytes: Buffer) => void): FuzzTarget {
  return { name, seeds, heapBytes: 512 * KIB, check };
}

/** Checksums are not looked at: every change of a record would end there. */
function recordSet(): FuzzTarget {
  const check = (bytes: Buffer): void => {
    for (const view of batchesOf(bytes)) {
      for (const record of view.records({ maxBytes: UNPACK_LIMIT })) checkRecord(view, record);
    }
    Array.from(readRecords(bytes, { verify: false, maxBytes: UNPACK_LIMIT }));
  };
  const sets = OLD_CODECS.flatMap((codec) => [messageSet(0, codec), messageSet(1, codec)]);
  const seeds = [
    ...CODECS.map(batch),
    ...sets,
    marker(),
    Buffer.concat([batch('none'), messageSet(1, 'none'), marker()]),
  ];
  return { name: 'record set', seeds, heapBytes: 4 * LARGEST_FRAME, check };
}

/** Uncompressed, its parts lie within the batch: beyond it is the next one. */
function checkRecord(view: BatchView | MessageSetView, record: RecordView): void {
  const parts = [record.key, record.value, ...record.headers.map(([, value]) => value)];
  if (view.codec === 'none') for (const part of parts) checkWithin(view.bytes, part);
  if (view.isControl) readControlRecord(record);
}

function checkWithin(batch: Buffer, part: Buffer | null): void {
  if (part === null) return;
  const start = part.byteOffset - batch.byteOffset;
  if (start < 0 || start + part.length > batch.length)
    throw new Error(`${part.length} bytes at ${start} of ${batch.length}`);
}

function batch(compression: CompressionName): Buffer {
  const builder = new BatchBuilder();
  for (let i = 0; i < 12; i++) {
    builder.append(TIME + i, i % 3 ? `key-${i}` : null, `value ${i} `.repeat(i), [['h', `${i}`]]);
  }
  return builder.seal({ compression, producerId: 7n, producerEpoch: 0, baseSequence: 0 });
}

function messageSet(magic: 0 | 1, compression: (typeof OLD_CODECS)[number]): Buffer {
  const builder = new MessageSetBuilder({ magic });
  for (let i = 0; i < 5; i++) builder.append(TIME + i, null, `message ${i} `.repeat(10));
  return builder.seal({ compression });
}

function marker(): Buffer {
  return buildEndMarker({ type: 'commit', producerId: 7n, producerEpoch: 0, coordinatorEpoch: 3, timestampMs: TIME });
}

function compressed(codec: CompressionName): FuzzTarget {
  const text = Buffer.from('to be or not to be, that is the question; '.repeat(40));
  const noise = Buffer.from(Array.from({ length: 700 }, (_, i) => (i * i * 31) >> 3));
  const check = (bytes: Buffer): void => {
    const unpacked = decompress(codec, bytes, UNPACK_LIMIT);
    if (unpacked.length > UNPACK_LIMIT) throw new Error(`unpacked to ${unpacked.length} bytes`);
  };
  const seeds = [text, noise, Buffer.alloc(0), Buffer.from('a')].map((bytes) => compress(codec, bytes));
  return { name: codec, seeds, heapBytes: 4 * LARGEST_FRAME, check };
}

/** A frame of any size up to the limit may be announced, and gets its buffer at once. */
function stream(): FuzzTarget {
  const check = (bytes: Buffer): void => {
    let taken = 0;
    const reader = new FrameReader(LARGEST_FRAME, (frame) => {
      taken += frame.length + 4;
    });
    for (let at = 0; at < bytes.length; at += 3) reader.push(bytes.subarray(at, at + 3));
    if (taken > bytes.length) throw new Error(`${taken} bytes of frames out of ${bytes.length}`);
  };
  return { name: 'stream of frames', seeds: [Buffer.concat(requestFrames())], heapBytes: 2 * LARGEST_FRAME, check };
}

function requestFrames(): Buffer[] {
  return apis.map((api) => {
    const version = api.versions[1];
    const sender = { correlationId: 7, clientId: 'naïve' };
    return encodeRequestFrame(api, version, sampleOf(api, 'request', version, 'lone'), sender);
  });
}

function requestFrame(): FuzzTarget {
  return small('request frame', requestFrames(), (bytes) => {
    const { api, apiVersion, correlationId, clientId, body } = decodeRequestFrame(bytes);
    const again = decodeRequestFrame(encodeRequestFrame(api, apiVersion, body, { correlationId, clientId }));
    if (!isDeepStrictEqual(again.body, body) || again.clientId !== clientId) {
      throw new Error('written again it is another request');
    }
  });
}

/** Dumps never refuse: they show where it goes wrong. */
function dump(): FuzzTarget {
  const seeds = [...requestFrames(), batch('none'), batch('gzip'), messageSet(1, 'gzip')];
  const check = (bytes: Buffer): void => {
    try {
      explain(bytes);
    } catch (cause) {
      throw new Error(`the dump threw ${String(cause)}`, { cause });
    }
  };
  return { name: 'dump', seeds, heapBytes: 16 * LARGEST_FRAME, check };
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
    const credentials = readPlainToken(bytes);
    // The writer knows no user without a name.
    if (credentials.username !== '' && !plainToken(credentials).equals(bytes))
      throw new Error('written again it is another');
  });
}
