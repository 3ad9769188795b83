// Python's notions of white space and line ends, where the original's output depends on them.

// JavaScript's trim set plus U+001C-1F and U+0085, minus U+FEFF.
const BLANKS =
  '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a' +
  '\u2028\u2029\u202f\u205f\u3000';

/** `str.strip()` of Python. */
export function strip(text: string): string {
  return withoutEnd(stripStart(text), BLANKS);
}

/** `str.lstrip()` of Python. */
export function stripStart(text: string): string {
  let start = 0;
  while (start < text.length && BLANKS.includes(text.charAt(start))) start++;
  return text.slice(start);
}

/** `str.rstrip(unwanted)` of Python. Linear, which an expression that ends with `+$` is not. */
export function withoutEnd(text: string, unwanted: string): string {
  let end = text.length;
  while (end > 0 && unwanted.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** What reading a file in Python's text mode does: CRLF and CR become LF. */
export function universalNewlines(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Strict UTF-8 with a BOM kept; undefined when the bytes are something else. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
