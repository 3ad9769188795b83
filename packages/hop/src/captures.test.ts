// Messages as Python's hop-client stored them on a broker: what they say, and that we would send the same bytes.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deserialize } from './deserialize.ts';
import type { MessageHeader } from './metadata.ts';
import { modelNamed } from './models/registry.ts';
import { pack } from './pack.ts';
import { samples } from './testing/samples.ts';

interface Captured {
  topic: string;
  format: string;
  offset: number;
  timestamp: number;
  key: string | null;
  headers: [string, string | null][];
  value: string;
}

const path = join(samples, '../captures/hop-wire.json');
const isRequired = (process.env.HOP_TEST_REQUIRE ?? '').split(',').includes('shared');
const isMissing = !existsSync(path) && !isRequired;
const because = isMissing ? ' [skipped: the shared test material is not beside the repository]' : '';
const captured: Captured[] = isMissing ? [] : JSON.parse(readFileSync(path, 'utf8')).messages;
const known = captured.filter(({ format }) => modelNamed(format));
const unhex = (hex: string | null): Buffer | null => (hex === null ? null : Buffer.from(hex, 'hex'));

describe.skipIf(isMissing)(`messages of hop-client on the wire${because}`, () => {
  it.each(known)('$topic at $offset is read, and packed to the same bytes and header names', (one) => {
    const headers = one.headers.map(([name, value]): MessageHeader => [name, unhex(value)]);
    const { topic, timestamp } = one;
    const [key, value] = [unhex(one.key), unhex(one.value)];
    const record = {
      topic,
      partition: 0,
      offset: BigInt(one.offset),
      timestamp,
      timestampType: 'create' as const,
      key,
      headers,
      value,
    };
    const message = deserialize(record);
    expect(message.received?.error).toBeUndefined();
    expect(message.received).toMatchObject({
      format: one.format,
      sender: 'admin',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const again = pack(message, { sender: 'admin', test: message.received?.isTest ?? false });
    expect(again.value.equals(value ?? Buffer.alloc(0))).toBe(true);
    expect(again.headers.map(([name]) => name)).toEqual(headers.map(([name]) => name));
  });
});
