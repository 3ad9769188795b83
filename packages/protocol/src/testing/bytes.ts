// `bytes`: golden messages, one field a line, as a reader of Kafka's protocol page would write them down.

/**
 * Hexadecimal digits (blanks ignored), 'text' in single quotes, and comments from // to the end of the line.
 *
 * @example bytes`0003 'foo' // topic`
 */
export function bytes(strings: TemplateStringsArray, ...values: readonly (string | Buffer)[]): Buffer {
  const source = String.raw(
    { raw: strings.raw },
    ...values.map((v) => (typeof v === 'string' ? v : v.toString('hex'))),
  );
  const parts: Buffer[] = [];
  for (const [, text, hex, other] of source.replace(/\/\/.*$/gm, '').matchAll(/'([^']*)'|([0-9a-fA-F]+)|(\S)/g)) {
    if (other !== undefined) throw new SyntaxError(`neither hex, 'text' nor comment: ${other}`);
    if (hex !== undefined && hex.length % 2) throw new SyntaxError(`odd number of hex digits: ${hex}`);
    parts.push(hex === undefined ? Buffer.from(text ?? '') : Buffer.from(hex, 'hex'));
  }
  return Buffer.concat(parts);
}
