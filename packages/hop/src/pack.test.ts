import { describe, expect, it } from 'vitest';
import { deserialize } from './deserialize.ts';
import { jsonLine } from './json-line.ts';
import type { MessageHeader, RawRecord } from './metadata.ts';
import { Blob } from './models/blob.ts';
import { GCNCircular } from './models/gcn-circular.ts';
import { JSONBlob } from './models/json-blob.ts';
import { pack } from './pack.ts';

const record = (value: string | null, ...headers: MessageHeader[]): RawRecord => ({
  topic: 't',
  partition: 0,
  offset: 7n,
  timestamp: 0,
  timestampType: 'create',
  key: null,
  headers,
  value: value === null ? null : Buffer.from(value),
});
const labelled = (format: string, value: string): RawRecord => record(value, ['_format', Buffer.from(format)]);

describe('pack', () => {
  it('writes user headers, then _id, _sender, _test and _format, and leaves what was given alone', () => {
    const given: [string, string][] = [
      ['x', '1'],
      ['x', '2'],
    ];
    const { headers, id } = pack('é', { headers: given, sender: 'al', test: true });
    expect(headers.map(([name]) => name)).toEqual(['x', 'x', '_id', '_sender', '_test', '_format']);
    expect(id).toHaveLength(16);
    expect((id[6] ?? 0) >> 4).toBe(4);
    expect(given).toHaveLength(2);
  });

  it('refuses reserved names', () => {
    expect(() => pack('', { headers: { _sender: 'eve' } })).toThrow(
      expect.objectContaining({ code: 'RESERVED_HEADER' }),
    );
  });

  it.each([
    ['é', 'json', '"\\u00e9"'],
    [null, 'json', 'null'],
    [Buffer.from('b'), 'blob', 'b'],
    [new GCNCircular({ title: 'x' }, 'b'), 'circular', '{"header": {"title": "x"}, "body": "b"}'],
  ])('packs %o as %s (HOP-121)', (message, format, body) => {
    const { headers, value } = pack(message);
    expect(headers.at(-1)?.[1]?.toString()).toBe(format);
    expect(value.toString()).toBe(body);
  });

  it.each([[{ a: Number.NaN }], [{ a: Buffer.from('x') }]])('throws for %o, naming $.a', (message) => {
    expect(() => pack(message)).toThrow('$.a');
  });
});

describe('deserialize', () => {
  it('takes the first label in any case, and JSON without one', () => {
    expect(deserialize(labelled('CirCular', '{"header": {}, "body": "b"}'))).toBeInstanceOf(GCNCircular);
    expect(deserialize(record('12'))).toBeInstanceOf(JSONBlob);
    expect(deserialize(record('{oops'))).toBeInstanceOf(Blob);
  });

  it('warns of labels it does not know and keeps the body (HOP-047)', () => {
    const warnings: string[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => void warnings.push(text) };
    for (const unknown of [labelled('avro', 'x'), labelled('nope', 'x'), record('x', ['_format', null])]) {
      expect(deserialize(unknown, logger).toBytes().toString()).toBe('x');
    }
    expect(warnings).toHaveLength(3);
  });

  it('gives a Blob of the body with the error for what its label does not fit', () => {
    const message = deserialize(labelled('json', '{oops'));
    expect(message.toBytes().toString()).toBe('{oops');
    expect(message.received).toMatchObject({ format: 'JSON', error: { code: 'DECODE', offset: 7n, topic: 't' } });
  });

  it('gives a Blob without content for a null body, whatever the label (HOP-052)', () => {
    expect(deserialize(record(null, ['_format', Buffer.from('json')]))).toMatchObject({ content: null });
  });

  it('reads the envelopes of old releases (HOP-046)', () => {
    expect(deserialize(record('{"format":"blob","content":{"x":1}}')).toBytes().toString()).toBe('{"x": 1}');
    expect(deserialize(record('{"format":"circular","content":{"header":{},"body":"b"}}'))).toBeInstanceOf(GCNCircular);
    expect(deserialize(record('{"format":"nope","content":1}')).toBytes().toString()).toBe(
      '{"format":"nope","content":1}',
    );
  });
});

describe('jsonLine', () => {
  it('has its members in order, digits kept, NaN as text', () => {
    const line = jsonLine(deserialize(record('{"b":1.0,"é":NaN}')));
    expect(line).toBe(
      '{"topic":"t","partition":0,"offset":7,"timestamp":0,"time":"1970-01-01T00:00:00.000Z","key":null,"headers":[],' +
        '"id":null,"sender":null,"test":false,"format":"JSON","content":{"b":1.0,"é":"NaN"}}',
    );
  });

  it('shows bytes that are no text as base64, and the error of what cannot be decoded', () => {
    const line = JSON.parse(jsonLine(deserialize(labelled('json', '\u0001')), { raw: true }));
    expect(line).toMatchObject({ content: null, error: { code: 'DECODE' }, raw: 'AQ==' });
    expect(JSON.parse(jsonLine(deserialize(record('\u0001'))))).toMatchObject({ content: { base64: 'AQ==' } });
  });
});
