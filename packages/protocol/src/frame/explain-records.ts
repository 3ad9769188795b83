// Record sets in a dump: batches of magic 2 (KIP-98), messages and wrappers of magic 0 and 1, in any mix. It reads on
// its own, leniently: the readers of `records/` stop at the first thing that is wrong, a dump shows what follows too.
import { KafkaError, ProtocolError } from '../errors.ts';
import { At, PREFIX } from '../records/batch-layout.ts';
import type { Dump } from './dump.ts';
import { explainBatch } from './explain-batch.ts';
import { explainMessage } from './explain-message.ts';
import { FieldCursor } from './field-cursor.ts';

/** A stretch of batches. */
export interface RecordSet {
  readonly dump: Dump;
  readonly buffer: Buffer;
  readonly isUnpacked: boolean;
}

/** Writes the batches that lie between these positions. A partial one at the end is legal in a fetch. */
export function explainRecords(dump: Dump, buffer: Buffer, start: number, end: number): void {
  explainSet({ dump, buffer, isUnpacked: false }, start, end);
}

function explainSet(set: RecordSet, start: number, end: number): void {
  let position = start;
  for (let index = 0; position < end; index++) {
    if (set.isUnpacked && index >= set.dump.mostRecords) {
      return set.dump.heading(`more messages, ${end - position} bytes, not shown`);
    }
    const left = end - position;
    if (left <= At.magic) return partial(set, position, end, `a batch needs more than its first ${left} bytes`);
    const size = set.buffer.readInt32BE(position + At.batchLength) + PREFIX;
    if (size <= At.magic) {
      set.dump.failure(position, `batch ${index}: size ${size} is too small for any batch`, set.isUnpacked);
      return set.dump.rest(set.buffer, position, end, set.isUnpacked);
    }
    if (size > left) return partial(set, position, end, `${size} bytes announced, ${left} are there`);
    explainOne(set, index, position, position + size);
    position += size;
  }
}

function partial({ dump, buffer, isUnpacked }: RecordSet, position: number, end: number, reason: string): void {
  dump.heading(`partial batch: ${reason}; legal at the end of a fetch`);
  dump.rest(buffer, position, end, isUnpacked);
}

/** Its size delimits it: what is wrong inside does not reach the next one. */
function explainOne(set: RecordSet, index: number, start: number, end: number): void {
  const { dump, buffer, isUnpacked } = set;
  const magic = buffer[start + At.magic];
  const cursor = new FieldCursor(dump, buffer, start, end, isUnpacked);
  dump.heading(`${magic === 2 ? 'record batch' : 'message'} ${index}, magic ${magic}, ${end - start} bytes`);
  try {
    if (magic === 2) explainBatch(dump, cursor);
    else if (magic === 0 || magic === 1) {
      const unpacked = explainMessage(cursor);
      if (unpacked) unpack(set, unpacked);
    } else throw new ProtocolError(`unknown magic ${magic}`);
    if (cursor.position < end) throw cursor.error(`${end - cursor.position} bytes left over`);
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
    dump.failure(cursor.position, error.message, isUnpacked);
    dump.rest(buffer, cursor.position, end, isUnpacked);
  }
}

function unpack({ dump, isUnpacked }: RecordSet, buffer: Buffer): void {
  if (isUnpacked) throw new ProtocolError('compressed within compressed');
  dump.heading(`unpacked, ${buffer.length} bytes; positions with ~ count in them`);
  explainSet({ dump, buffer, isUnpacked: true }, 0, buffer.length);
}
