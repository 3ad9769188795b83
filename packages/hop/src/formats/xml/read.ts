// XML to plain values, as xmltodict with an empty attribute prefix: attributes and children become members, repeated
// names arrays, text beside them `#text`. Everything stays a string.
import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { DecodeError, reasonOf } from '../../errors.ts';
import { strip } from '../text.ts';
import { decodeXml } from './decode.ts';

export type XmlValue = string | null | XmlValue[] | XmlElement;
export interface XmlElement {
  [name: string]: XmlValue;
}

export interface XmlDocument {
  /** The root's name as written, with its prefix. */
  name: string;
  /** The namespace of the root; undefined in none. */
  namespace: string | undefined;
  content: XmlValue;
}

type Plain = { xmlns: false; position: true };

interface Open {
  name: string;
  item: Map<string, XmlValue>;
  text: string;
}

/** Reads a document. Well-formedness of XML 1.0 is enforced; entity declarations are refused (no expansion attacks). */
export function readXml(input: Uint8Array | string): XmlDocument {
  const text = typeof input === 'string' ? input.replace(/^\ufeff/, '') : decodeXml(input);
  const tree = new TreeBuilder();
  const parser = new SaxesParser<Plain>({ xmlns: false, position: true });
  parser.on('error', (error) => {
    throw new DecodeError(`not XML: ${error.message}`);
  });
  parser.on('doctype', (doctype) => {
    if (/<!ENTITY/.test(doctype)) throw new DecodeError('not accepted: the document declares entities');
  });
  parser.on('opentag', (tag) => tree.open(tag));
  parser.on('text', (piece) => tree.text(piece));
  parser.on('cdata', (piece) => tree.text(piece));
  parser.on('closetag', () => tree.close());
  feed(parser, text);
  return tree.document();
}

function feed(parser: SaxesParser<Plain>, text: string): void {
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof DecodeError) throw error;
    throw new DecodeError(`not XML: ${reasonOf(error)}`, { cause: error });
  }
}

class TreeBuilder {
  readonly #stack: Open[] = [];
  #document: XmlDocument | undefined;
  #namespace: string | undefined;

  open(tag: SaxesTagPlain): void {
    const item = new Map<string, XmlValue>(Object.entries(tag.attributes));
    if (this.#stack.length === 0) this.#namespace = namespaceOf(tag);
    this.#stack.push({ name: tag.name, item, text: '' });
  }

  text(piece: string): void {
    const open = this.#stack.at(-1);
    if (open) open.text += piece;
  }

  close(): void {
    const open = this.#stack.pop();
    if (!open) return;
    const content = contentOf(open);
    const parent = this.#stack.at(-1);
    if (parent) push(parent.item, open.name, content);
    else this.#document = { name: open.name, namespace: this.#namespace, content };
  }

  document(): XmlDocument {
    if (!this.#document) throw new DecodeError('not XML: there is no root element');
    return this.#document;
  }
}

function namespaceOf(tag: SaxesTagPlain): string | undefined {
  const colon = tag.name.indexOf(':');
  return tag.attributes[colon < 0 ? 'xmlns' : `xmlns:${tag.name.slice(0, colon)}`];
}

function contentOf(open: Open): XmlValue {
  const text = strip(open.text) || null;
  if (open.item.size === 0) return text;
  if (text !== null) push(open.item, '#text', text);
  // fromEntries makes own properties of all names, `__proto__` too.
  return Object.fromEntries(open.item);
}

function push(item: Map<string, XmlValue>, name: string, value: XmlValue): void {
  const before = item.get(name);
  if (before === undefined) item.set(name, value);
  else if (Array.isArray(before)) before.push(value);
  else item.set(name, [before, value]);
}
