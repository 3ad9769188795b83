// Topic ids and other UUIDs: 16 bytes on the wire, 22 characters of base64url (without padding) in memory,
// which is how Kafka's own tools print them. The zero UUID means "none" (KIP-516).

/** The zero UUID as text. */
export const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA';

export function uuidFromBytes(bytes: Buffer): string {
  return bytes.toString('base64url');
}

/** @throws {RangeError} when the text is not a UUID in base64url */
export function uuidToBytes(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length !== 16) throw new RangeError(`not a UUID in base64url (22 characters): ${JSON.stringify(text)}`);
  return bytes;
}
