// One record batch of magic 2 (KIP-98) in a dump: its 61 bytes of head, then each record, unpacked where it has to be.
import { ProtocolError } from '../errors.ts';
import { At, Attribute } from '../records/batch-layout.ts';
import { codecName, decompress } from '../records/compression/index.ts';
import { crc32c } from '../records/crc32c.ts';
import { type Dump, shown } from './dump.ts';
import { FieldCursor } from './field-cursor.ts';
import { attributesShown, crcShown, MOST_UNPACKED_BYTES, timeShown } from './record-words.ts';

const CONTROL_TYPES = [
  'abort',
  'commit',
  'leader change',
  'snapshot header',
  'snapshot footer',
  'KRaft version',
  'KRaft voters',
];

/** What its records need of the head. */
interface Head {
  readonly baseOffset: bigint;
  readonly attributes: number;
  readonly baseTimestamp: bigint;
  readonly count: number;
}

/** The cursor stands at the start of the batch, and ends where it ends. */
export function explainBatch(dump: Dump, cursor: FieldCursor): void {
  const head = explainHead(cursor);
  const id = head.attributes & Attribute.codec;
  const codec = codecName(id);
  if (codec === undefined) throw cursor.error(`unknown compression ${id}`);
  if (codec === 'none' || head.count === 0) return explainAll(dump, cursor, head);
  const bytes = decompress(codec, cursor.rest('records', codec), MOST_UNPACKED_BYTES);
  dump.heading(`unpacked, ${bytes.length} bytes; positions with ~ count in them`);
  explainUnpacked(dump, new FieldCursor(dump, bytes, 0, bytes.length, true), head);
}

function explainUnpacked(dump: Dump, cursor: FieldCursor, head: Head): void {
  try {
    explainAll(dump, cursor, head);
    if (cursor.position < cursor.end) throw cursor.error(`${cursor.end - cursor.position} bytes left over`);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    dump.failure(cursor.position, error.message, true);
    dump.rest(cursor.buffer, cursor.position, cursor.end, true);
  }
}

function explainHead(cursor: FieldCursor): Head {
  const start = cursor.position;
  const baseOffset = cursor.int64('baseOffset');
  cursor.int('batchLength', 4);
  cursor.int('partitionLeaderEpoch', 4);
  cursor.int('magic', 1);
  const crc = cursor.uint32('crc', crcShown);
  const computed = crc32c(cursor.buffer, start + At.attributes, cursor.end);
  if (crc !== computed) cursor.complain(start + At.crc, `CRC-32C is ${crcShown(computed)}`);
  const attributes = cursor.int('attributes', 2, attributesShown);
  cursor.int('lastOffsetDelta', 4, (delta) => `${delta}, last offset ${baseOffset + BigInt(delta)}`);
  const baseTimestamp = cursor.int64('baseTimestamp', timeShown);
  cursor.int64('maxTimestamp', timeShown);
  cursor.int64('producerId');
  cursor.int('producerEpoch', 2);
  cursor.int('baseSequence', 4);
  const count = cursor.int('recordCount', 4);
  if (count < 0) throw cursor.error(`${count} records announced`);
  return { baseOffset, attributes, baseTimestamp, count };
}

function explainAll(dump: Dump, cursor: FieldCursor, head: Head): void {
  const shownCount = Math.min(head.count, dump.mostRecords);
  for (let i = 0; i < shownCount; i++) explainRecord(cursor, head, i);
  if (shownCount === head.count) return;
  dump.heading(`${head.count - shownCount} more records, ${cursor.end - cursor.position} bytes, not shown`);
  cursor.position = cursor.end;
}

function explainRecord(cursor: FieldCursor, head: Head, index: number): void {
  const name = (field: string): string => `record[${index}].${field}`;
  const length = cursor.varint(name('length'));
  const end = cursor.position + length;
  if (length < 0 || end > cursor.end) {
    throw cursor.error(`${name('length')}: ${length} bytes announced, ${cursor.end - cursor.position} left`);
  }
  cursor.int(name('attributes'), 1);
  cursor.varlong(name('timestampDelta'), (delta) => `${delta}, ${timeShown(head.baseTimestamp + delta)}`);
  cursor.varint(name('offsetDelta'), (delta) => `${delta}, offset ${head.baseOffset + BigInt(delta)}`);
  const isControl = (head.attributes & Attribute.control) !== 0;
  cursor.varintBytes(name('key'), isControl ? controlType : undefined);
  cursor.varintBytes(name('value'));
  const headers = cursor.varint(name('headers'));
  for (let i = 0; i < headers; i++) {
    cursor.varintBytes(name(`headers[${i}].key`), asText);
    cursor.varintBytes(name(`headers[${i}].value`));
  }
  if (cursor.position !== end)
    throw cursor.error(`${name('length')}: its parts end ${cursor.position - end} bytes from its end`);
}

function asText(bytes: Buffer): string {
  return shown(bytes.toString('utf8'));
}

function controlType(key: Buffer): string {
  const type = key.length >= 4 ? key.readInt16BE(2) : -1;
  return `${key.length} bytes, control record: ${CONTROL_TYPES[type] ?? `unknown type ${type}`}`;
}
