// The header block of a GCN Circular, as Python's email parser splits it (compat32 policy), without decoding anything:
// no RFC 2047 words, no transfer encodings, no MIME parts.

import { withoutEnd } from './text.ts';

export interface HeaderBlock {
  /** Names in lower case; the last of several equal names wins, in the place of the first. */
  header: Record<string, string>;
  body: string;
}

const HEADER_LINE = /^(From |[!-9;-~]*:|[\t ])/;
const LINE = /[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g;

/** Splits text into headers and body. Without a header everything is body. */
export function parseHeaderBlock(text: string): HeaderBlock {
  const lines = text.match(LINE) ?? [];
  let count = 0;
  while (count < lines.length && HEADER_LINE.test(lines[count] ?? '')) count += 1;
  const fields = new Map<string, string>();
  const givenBack = collect(lines.slice(0, count), fields);
  const isSeparator = /^[\r\n]/.test(lines[count] ?? '');
  const rest = lines.slice(isSeparator && !givenBack ? count + 1 : count).join('');
  return { header: Object.fromEntries(fields), body: givenBack + rest };
}

/** Reads the header lines; returns a last `From ` line, which Python hands back to the body. */
function collect(lines: readonly string[], fields: Map<string, string>): string {
  let name = '';
  for (const [index, line] of lines.entries()) {
    if (/^[\t ]/.test(line)) {
      if (name) fields.set(name, (fields.get(name) ?? '') + line);
      continue;
    }
    if (line.startsWith('From ')) {
      if (index > 0 && index === lines.length - 1) return trimmed(fields, line);
      name = '';
      continue;
    }
    const colon = line.indexOf(':');
    name = line.slice(0, colon).toLowerCase();
    if (name) fields.set(name, line.slice(colon + 1).replace(/^[ \t]+/, ''));
  }
  return trimmed(fields, '');
}

/** The line end of a field's last line does not belong to its value. */
function trimmed(fields: Map<string, string>, result: string): string {
  for (const [name, value] of fields) fields.set(name, withoutEnd(value, '\r\n'));
  return result;
}
