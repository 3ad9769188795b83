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
