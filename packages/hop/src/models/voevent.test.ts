import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { because, expectedOf, samplePath, samplesIn, samplesMissing, sha256 } from '../testing/samples.ts';
import { VOEvent } from './voevent.ts';

const files = [...samplesIn('voevent'), ...samplesIn('voevent-synthetic')];
const NS = 'xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0"';
const packet = (inner: string): string => `<voe:VOEvent ${NS} ivorn="ivo://a/b#c" version="2.0">${inner}</voe:VOEvent>`;
const what = (inner: string): unknown => VOEvent.load(packet(`<What>${inner}</What>`)).What;

describe.skipIf(samplesMissing)(`VOEvent over the shared samples (HOP-100, HOP-101, HOP-103)${because}`, () => {
  it.each(files)('%s reads as hop 0.12 reads it in compat mode', async (file) => {
    const expected = expectedOf(file);
    const loading = VOEvent.loadFile(samplePath(file), { compat: true });
    if (!expected.ok) {
      await expect(loading).rejects.toMatchObject({ code: 'DECODE' });
      return;
    }
    const event = await loading;
    expect(JSON.stringify(event.fields())).toBe(JSON.stringify(expected.value));
    expect(sha256(event.toString())).toBe(expected.str_sha256);
    expect(event.serialize().content).toEqual(readFileSync(samplePath(file)));
  });

  it.each(files)('%s built in code serialises twice alike and reads back with equal fields', (file) => {
    const expected = expectedOf(file);
    if (!expected.ok) return;
    const event = new VOEvent({ ivorn: '', ...expected.value });
    const { content } = event.serialize();
    expect(new VOEvent({ ivorn: '', ...expected.value }).serialize().content).toEqual(content);
    expect(VOEvent.load(content, { compat: true }).fields()).toEqual(expected.value);
  });

  it('takes any prefix bound to a VOEvent namespace, refuses no namespace, no ivorn and broken XML', async () => {
    const other = await VOEvent.loadFile(samplePath('voevent-synthetic/prefix_other_than_voe.xml'));
    expect(other.ivorn).toBe('ivo://example.org/edge#pfx');
    for (const name of [
      'voevent/no_namespace_packet',
      'voevent-synthetic/missing_ivorn',
      'voevent-synthetic/not_well_formed',
    ]) {
      await expect(VOEvent.loadFile(samplePath(`${name}.xml`))).rejects.toMatchObject({ code: 'DECODE' });
    }
  });
});

describe('VOEvent', () => {
  it.each([
    ['text before the declaration', `x<?xml version="1.0"?>${packet('')}`],
    ['two roots', packet('') + packet('')],
    ['mismatched tags', packet('<What></Who>')],
    ['a duplicate attribute', packet('<What a="1" a="2"/>')],
    ['a bare ampersand', packet('<What>a & b</What>')],
    ['< in an attribute', packet('<What a="<"/>')],
    [']]> in text', packet('<What>]]></What>')],
    ['an undefined entity', packet('<What>&nope;</What>')],
    ['an entity declaration', `<!DOCTYPE voe:VOEvent [<!ENTITY a "b">]>${packet('')}`],
  ])('refuses %s', (_, xml) => {
    expect(() => VOEvent.load(xml)).toThrow(expect.objectContaining({ code: 'DECODE' }));
  });

  it('accepts a DOCTYPE without entities, a byte order mark and an unbound prefix', () => {
    const xml = `\ufeff<!DOCTYPE voe:VOEvent>${packet('<What><u:x>1</u:x></What>')}`;
    expect(VOEvent.load(xml).What).toEqual({ 'u:x': '1' });
    expect(VOEvent.load(Buffer.from(xml)).What).toEqual({ 'u:x': '1' });
  });

  it('keeps an element named __proto__ as a member', () => {
    expect(Object.keys(Object(what('<__proto__>1</__proto__>')))).toEqual(['__proto__']);
  });

  it('reads a line feed in an attribute as a blank and resolves character references', () => {
    expect(what('<Param name="a\nb">&#65;</Param>')).toEqual({ Param: { name: 'a b', '#text': 'A' } });
  });

  it('obeys a declared ISO-8859-1', () => {
    const xml = `<?xml version="1.0" encoding="ISO-8859-1"?>${packet('<What>\xe9\x85x</What>')}`;
    expect(VOEvent.load(Buffer.from(xml, 'latin1')).What).toBe('\xe9\x85x');
  });

  it('forgets the bytes it was read from when a field, however deep, is changed', () => {
    const event = VOEvent.load(packet('<What><Param name="n" value="1"/></What>'));
    expect(event.raw).toBeDefined();
    Object.assign(Object(event.What).Param, { value: '2' });
    expect(event.raw).toBeUndefined();
    expect(event.serialize().content.toString()).toContain('value="2"');
  });

  it('writes text that needs escaping so that it reads back', () => {
    const fields = {
      What: { Param: { name: 'a"<&>\'\n\t', value: ' x ' }, Note: 'a < b & c ]]> \r d', Empty: { '#text': 'é' } },
    };
    const { content } = new VOEvent({ ivorn: 'ivo://a/b#c', ...fields }).serialize();
    expect(VOEvent.load(content).What).toEqual({ ...fields.What, Empty: 'é' });
  });

  it('refuses to write characters that XML cannot hold, naming the place', () => {
    const event = new VOEvent({ ivorn: 'ivo://a/b#c', What: { Note: 'a\u0000' } });
    expect(() => event.serialize()).toThrow(/What\.Note/);
  });

  it('reads the JSON of the fields that old releases sent, and writes it as XML', () => {
    const event = VOEvent.deserialize(Buffer.from('{"ivorn": "ivo://a/b#c", "role": "test", "Who": {"Date": "d"}}'));
    expect(event.Who).toEqual({ Date: 'd' });
    expect(event.toBytes().toString()).toContain('xmlns:voe="http://www.ivoa.net/xml/VOEvent/v2.0"');
  });

  it('keeps unknown members of the root apart', () => {
    expect(VOEvent.load(packet('<Own>1</Own>')).extra).toEqual({ Own: '1' });
    expect(() => VOEvent.load(packet('<Own>1</Own>'), { compat: true })).toThrow(/Own/);
  });
});
