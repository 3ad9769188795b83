// How the numbers in the head of a batch are shown.
import { Attribute } from '../records/batch-layout.ts';
import { codecName } from '../records/compression/index.ts';

/** A dump of more than that is nothing anybody reads; and a bomb must not fill the memory. */
export const MOST_UNPACKED_BYTES: number = 64 * 1024 * 1024;

const LATEST_DATE_MS = 8.64e15;

export function crcShown(crc: number): string {
  return `0x${crc.toString(16).padStart(8, '0')}`;
}

/** With the names of the bits that are set. */
export function attributesShown(attributes: number): string {
  const codec = codecName(attributes & Attribute.codec) ?? 'unknown compression';
  const words = [
    codec === 'none' ? '' : codec,
    attributes & Attribute.appendTime ? 'append time' : '',
    attributes & Attribute.transactional ? 'transactional' : '',
    attributes & Attribute.control ? 'control' : '',
    attributes & Attribute.deleteHorizon ? 'delete horizon' : '',
  ].filter((word) => word !== '');
  return words.length === 0 ? String(attributes) : `${attributes} ${words.join(', ')}`;
}

/** Milliseconds with the date they mean. */
export function timeShown(ms: bigint): string {
  const isDate = ms >= 0n && ms <= BigInt(LATEST_DATE_MS);
  return isDate ? `${ms} ${new Date(Number(ms)).toISOString()}` : String(ms);
}
