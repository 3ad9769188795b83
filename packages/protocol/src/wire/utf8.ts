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

/**
 * The text of any bytes: those that are not UTF-8 are kept, each as half a surrogate pair, U+DC80 to U+DCFF (as Python's
 * `surrogateescape` does, PEP 383). `keptBytes` is the way back.
 */
export function keptText(bytes: Buffer, start = 0, end: number = bytes.length): string {
  const text = textOf(bytes, start, end);
  if (text !== null) return text;
  let kept = '';
  for (let at = start; at < end; ) {
    const size = sizeAt(bytes, at, end);
    kept += size === 0 ? String.fromCharCode(ESCAPE + (bytes[at] as number)) : bytes.toString('utf8', at, at + size);
    at += size || 1;
  }
  return kept;
}

/** Bytes of the character that begins here; 0: none does. */
function sizeAt(bytes: Buffer, at: number, end: number): number {
  const lead = bytes[at] as number;
  const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return at + size <= end && textOf(bytes, at, at + size) !== null ? size : 0;
}

/**
 * The bytes of text, those that `keptText` kept included.
 *
 * @throws {TypeError} when half of a surrogate pair stands for no byte: UTF-8 has no way to say it
 */
export function keptBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  return Buffer.concat(
    Array.from(text, (character) => (character.isWellFormed() ? Buffer.from(character) : kept(character))),
  );
}

function kept(half: string): Buffer {
  const byte = half.charCodeAt(0) - ESCAPE;
  if (byte >= 0x80 && byte <= 0xff) return Buffer.of(byte);
  throw new TypeError(`half a surrogate pair (U+${half.charCodeAt(0).toString(16)}) is no text; give bytes instead`);
}
