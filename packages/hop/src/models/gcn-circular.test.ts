import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  because,
  type Expected,
  expectedOf,
  samplePath,
  samplesIn,
  samplesMissing,
  sha256,
} from '../testing/samples.ts';
import { GCNCircular } from './gcn-circular.ts';

const files = [...samplesIn('circular', /\.(txt|gcn3)$/), ...samplesIn('circular-synthetic')];

function check(circular: GCNCircular, expected: Expected): void {
  expect({ header: circular.header, body: circular.body }).toEqual(expected.value);
  expect(Object.keys(circular.header)).toEqual(Object.keys(Object(expected.value.header)));
  expect(circular.toString()).toBe(expected.str);
  expect(sha256(circular.serialize().content)).toBe(expected.serialized_content_sha256);
}

describe.skipIf(samplesMissing)(`GCNCircular over the shared samples (HOP-104)${because}`, () => {
  it.each(files)('%s reads from its file as hop 0.12 reads it', async (file) => {
    check(await GCNCircular.loadFile(samplePath(file)), expectedOf(file));
  });

  it.each(files)('%s reads from raw text without newline translation', (file) => {
    const expected = expectedOf(file);
    const raw: unknown = expected.load_from_string_without_newline_translation ?? expected;
    check(GCNCircular.load(readFileSync(samplePath(file))), raw as Expected);
  });

  it.each(files)('%s survives the wire', async (file) => {
    const circular = await GCNCircular.loadFile(samplePath(file));
    expect(GCNCircular.deserialize(circular.serialize().content)).toEqual(circular);
  });
});

describe('GCNCircular', () => {
  it('skips an initial From line and gives a last one back to the body', () => {
    const circular = GCNCircular.load('From someone\nTITLE: a\nFrom b\n');
    expect(circular).toMatchObject({ header: { title: 'a' }, body: 'From b\n' });
  });

  it('keeps unknown members of a received message and refuses missing ones', () => {
    expect(GCNCircular.deserialize(Buffer.from('{"header": {}, "body": "b", "x": 1}')).extra).toEqual({ x: 1 });
    for (const body of ['{"header": {}}', '{"body": ""}', '[]', 'x']) {
      expect(() => GCNCircular.deserialize(Buffer.from(body))).toThrow(expect.objectContaining({ code: 'DECODE' }));
    }
  });
});
