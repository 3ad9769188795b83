// Plain values to XML such that reading it back (here or by hop 0.12) gives the same values.
import { XMLBuilder } from 'fast-xml-parser';
import { strip } from '../text.ts';

// Names that VOEvent and STC use as attributes.
const ATTRIBUTES = new Set(
  (
    'cite coord_system_id dataType expires id importance ivorn meaning mimetype name probability relation role type ' +
    'ucd unit uri utype value version'
  ).split(' '),
);
const PREFIXED = /^(xmlns($|:)|xsi:|xml:)/;
const NAME = /^[\p{L}_:][\p{L}\p{N}\p{M}._:·-]*$/u;
// Everything but the Char production of XML 1.0 (section 2.2).
const FORBIDDEN = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

type Node = Record<string, unknown>;
interface Parts {
  attributes: Record<string, string>;
  children: Node[];
}

const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  processEntities: false, // escaped here, where text and attribute differ
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
});

/** Writes one document with the given root element. */
export function writeXml(rootName: string, rootAttributes: Record<string, string>, members: object): string {
  const parts = partsOf(members, rootName);
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(rootAttributes)) attributes[name] = escapeAttribute(value, name);
  Object.assign(attributes, parts.attributes);
  const text: string = builder.build([{ [rootName]: parts.children, ':@': attributes }]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`;
}

function partsOf(members: object, path: string): Parts {
  const parts: Parts = { attributes: {}, children: [] };
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined) addMember(parts, name, value, `${path}.${name}`);
  }
  return parts;
}

function addMember(parts: Parts, name: string, value: unknown, path: string): void {
  if (name === '#text') {
    parts.children.push({ '#text': escapeText(scalarText(value, path), path) });
    return;
  }
  if (!NAME.test(name)) throw new TypeError(`${path}: ${JSON.stringify(name)} is no XML name`);
  const [first, ...rest]: unknown[] = Array.isArray(value) ? value : [value];
  if (first !== undefined) addFirst(parts, name, first, path);
  for (const item of rest) parts.children.push(element(name, item, path));
}

function addFirst(parts: Parts, name: string, value: unknown, path: string): void {
  const isScalar = value !== null && typeof value !== 'object';
  const text = isScalar ? scalarText(value, path) : '';
  if (isScalar && isAttribute(name, text)) parts.attributes[name] = escapeAttribute(text, path);
  else parts.children.push(element(name, value, path));
}

/** Empty text and outer white space are what element text cannot yield: reading strips it. */
function isAttribute(name: string, text: string): boolean {
  return ATTRIBUTES.has(name) || PREFIXED.test(name) || strip(text) !== text || text === '';
}

function element(name: string, value: unknown, path: string): Node {
  if (Array.isArray(value)) throw new TypeError(`${path}: an array in an array cannot be written as XML`);
  if (value === null || value === undefined) return { [name]: [] };
  if (typeof value !== 'object') return { [name]: [{ '#text': escapeText(scalarText(value, path), path) }] };
  const { attributes, children } = partsOf(value, path);
  return { [name]: children, ':@': attributes };
}

function scalarText(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (['number', 'bigint', 'boolean'].includes(typeof value)) return String(value);
  throw new TypeError(`${path}: ${value === null ? 'null' : typeof value} cannot be written as text`);
}

function escapeText(text: string, path: string): string {
  return checked(text, path).replace(/[&<>\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function escapeAttribute(text: string, path: string): string {
  return checked(text, path).replace(/[&<>"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function checked(text: string, path: string): string {
  if (FORBIDDEN.test(text)) throw new TypeError(`${path}: holds a character that XML 1.0 does not allow`);
  return text;
}
