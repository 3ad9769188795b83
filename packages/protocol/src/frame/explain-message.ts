// One message of magic 0 or 1 in a dump. A wrapper's value is a message set of its own, compressed.
import { Attribute } from '../records/batch-layout.ts';
import { codecName, decompress } from '../records/compression/index.ts';
import { crc32 } from '../records/crc32.ts';
import type { FieldCursor } from './field-cursor.ts';
import { attributesShown, crcShown, MOST_UNPACKED_BYTES, timeShown } from './record-words.ts';

/** @returns what the value unpacks to; null: it is not compressed */
export function explainMessage(cursor: FieldCursor): Buffer | null {
  cursor.int64('offset');
  cursor.int('messageSize', 4);
  const crcAt = cursor.position;
  const computed = crc32(cursor.buffer.subarray(0, cursor.end), crcAt + 4);
  const crc = cursor.uint32('crc', crcShown);
  if (crc !== computed) cursor.complain(crcAt, `CRC-32 is ${crcShown(computed)}`);
  const magic = cursor.int('magic', 1);
  const attributes = cursor.int('attributes', 1, attributesShown);
  if (magic === 1) cursor.int64('timestamp', timeShown);
  cursor.int32Bytes('key');
  const codec = codecName(attributes & Attribute.codec);
  const isPacked = codec !== undefined && codec !== 'none';
  const value = cursor.int32Bytes('value', isPacked ? codec : undefined);
  if (codec === undefined) throw cursor.error(`unknown compression ${attributes & Attribute.codec}`);
  if (!isPacked) return null;
  if (!value || value.length === 0) throw cursor.error('compressed, but empty');
  return decompress(codec, value, MOST_UNPACKED_BYTES, { brokenLz4Checksum: magic === 0 });
}
