// Python's notions of white space and line ends, where the original's output depends on them.

// JavaScript's trim set plus U+001C-1F and U+0085, minus U+FEFF.
const BLANK = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const LEADING = new RegExp(`^${BLANK}+`);
const TRAILING = new RegExp(`${BLANK}+$`);

/** `str.strip()` of Python. */
export function strip(text: string): string {
  return stripStart(text).replace(TRAILING, '');
}

/** `str.lstrip()` of Python. */
export function stripStart(text: string): string {
  return text.replace(LEADING, '');
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
