// The text between messages: escapes as Python's, everything else as UTF-8 (hop's specification, 2.3.3).
import { UsageFailure } from './failure.ts';

const simple: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  '\\': '\\',
};

/** @throws {UsageFailure} on an escape that means nothing, e.g. a lone trailing backslash */
export function parseDelimiter(text: string): Buffer {
  const decoded = text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{1,3}|[\s\S]?)/g, (_all, code: string) =>
    decodeEscape(code),
  );
  return Buffer.from(decoded);
}

function decodeEscape(code: string): string {
  if (/^[xu]./.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
  if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
  const character = simple[code];
  if (character === undefined) throw new UsageFailure(`argument -D/--delimiter: \\${code} is not an escape`);
  return character;
}
