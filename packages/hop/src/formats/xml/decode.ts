// From the bytes of an XML document to its text: byte order mark, declared encoding, else UTF-8.
import { DecodeError } from '../../errors.ts';

const DECLARATION = /^<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']/;
const LATIN1 = /^(iso-?8859-1|latin-?1|us-ascii|ascii)$/i;

/** Decodes a document; a declared UTF-16 without a byte order mark is taken for what the bytes show. */
export function decodeXml(bytes: Uint8Array): string {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeAs('utf-16be', bytes.subarray(2));
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeAs('utf-16le', bytes.subarray(2));
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return decodeAs('utf-8', bytes.subarray(3));
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('latin1');
  const declared = DECLARATION.exec(head)?.[1] ?? 'utf-8';
  // TextDecoder takes ISO-8859-1 for windows-1252, which differs from U+0080 to U+009F.
  if (LATIN1.test(declared)) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return decodeAs(declared, bytes);
}

function decodeAs(encoding: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new DecodeError(`not XML: the bytes cannot be read as ${encoding}`, { cause });
  }
}
