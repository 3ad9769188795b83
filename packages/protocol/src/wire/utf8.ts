// UTF-8 that loses nothing: `Buffer.toString` and `Buffer.from` put U+FFFD in place of what they cannot express.

/**
 * The text of bytes that are UTF-8.
 *
 * @returns null when they are not
 */
export function textOf(bytes: Buffer, start = 0, end: number = bytes.length): string | null {
  const text = bytes.toString('utf8', start, end);
  // The second look is needed only where a U+FFFD is seen, which the bytes may also really hold.
  if (!text.includes('\ufffd')) return text;
  return bytes.subarray(start, end).equals(Buffer.from(text)) ? text : null;
}

/** A byte that is no part of UTF-8 stands in text as this and itself: half a surrogate pair, which UTF-8 cannot hold. */
const ESCAPE = 0xdc00;
/** Halves alone: with the flag, whole pairs are one character, and none of these. */
const HALVES = /([\ud800-\udfff]+)/u;

/**
 * The text of any bytes: those that are not UTF-8 are kept, each as half a surrogate pair, U+DC80 to U+DCFF (as Python's
 * `surrogateescape` does, PEP 383). `keptBytes` is the way back.
 */
export function keptText(bytes: Buffer, start = 0, end: number = bytes.length): string {
  const text = textOf(bytes, start, end);
  if (text !== null) return text;
  let kept = '';
  for (let at = start; at < end; ) {
    const stop = endOfText(bytes, at, end);
    kept += stop > at ? bytes.toString('utf8', at, stop) : String.fromCharCode(ESCAPE + (bytes[at] as number));
    at = Math.max(stop, at + 1);
  }
  return kept;
}

/** How far characters follow each other from here. */
function endOfText(bytes: Buffer, start: number, end: number): number {
  let at = start;
  for (let size = sizeAt(bytes, at, end); size > 0 && at < end; size = sizeAt(bytes, at, end)) at += size;
  return at;
}

/** Bytes of the character that begins here; 0: none does. */
function sizeAt(bytes: Buffer, at: number, end: number): number {
  const lead = at < end ? (bytes[at] as number) : 0xff;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (at + size > end) return 0;
  const second = bytes[at + 1] as number;
  if (second < leastSecond(lead) || second > mostSecond(lead)) return 0;
  for (let i = 2; i < size; i++) if (((bytes[at + i] as number) & 0xc0) !== 0x80) return 0;
  return size;
}

/** Below are bytes too many for their value. */
function leastSecond(lead: number): number {
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

/** Above are halves of surrogate pairs, and what lies beyond Unicode. */
function mostSecond(lead: number): number {
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}

/**
 * The bytes of text, those that `keptText` kept included.
 *
 * @throws {TypeError} when half of a surrogate pair stands for no byte: UTF-8 has no way to say it
 */
export function keptBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(text));
  let at = 0;
  for (const [index, part] of text.split(HALVES).entries()) {
    if (index % 2 === 0) at += bytes.write(part, at);
    else for (let i = 0; i < part.length; i++) bytes[at++] = keptByte(part.charCodeAt(i));
  }
  return bytes.subarray(0, at);
}

function keptByte(half: number): number {
  const byte = half - ESCAPE;
  if (byte >= 0x80 && byte <= 0xff) return byte;
  throw new TypeError(`half a surrogate pair (U+${half.toString(16)}) is no text; give bytes instead`);
}
