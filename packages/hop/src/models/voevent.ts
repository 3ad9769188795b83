// VOEvent packets (IVOA): XML on the wire, plain values in memory.
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { DecodeError, reasonOf } from '../errors.ts';
import { parseJson, writeJson } from '../formats/json/lossless.ts';
import { decodeUtf8 } from '../formats/text.ts';
import { readXml, type XmlDocument } from '../formats/xml/read.ts';
import { writeXml } from '../formats/xml/write.ts';
import { MessageModel, type SerializedMessage } from './model.ts';

const NAMESPACE = 'http://www.ivoa.net/xml/VOEvent/v';
const VERSIONS: readonly string[] = ['1.1', '2.0', '2.1'];
const SECTIONS = ['Who', 'What', 'WhereWhen', 'How', 'Why', 'Citations', 'Description', 'Reference'] as const;
const FIELDS: ReadonlySet<string> = new Set(['ivorn', 'role', 'version', ...SECTIONS]);

export interface VOEventOptions {
  /** Take only what hop 0.12 takes: the root written literally `voe:VOEvent`, no unknown members. */
  compat?: boolean;
}

export interface VOEventFields {
  ivorn: string;
  role?: unknown;
  version?: unknown;
  Who?: unknown;
  What?: unknown;
  WhereWhen?: unknown;
  How?: unknown;
  Why?: unknown;
  Citations?: unknown;
  Description?: unknown;
  Reference?: unknown;
  [other: string]: unknown;
}

/** An event. One that was read keeps its bytes and sends them unchanged until a field is changed. */
export class VOEvent extends MessageModel {
  static readonly formatName = 'voevent';
  ivorn: unknown;
  role: unknown = 'observation';
  version: unknown = '2.0';
  Who: unknown = {};
  What: unknown = {};
  WhereWhen: unknown = {};
  How: unknown = {};
  Why: unknown = {};
  Citations: unknown = {};
  Description: unknown = {};
  Reference: unknown = {};
  /** Members of the root that VOEvent does not define. */
  extra: Record<string, unknown> = {};
  #raw: Buffer | undefined;

  constructor(fields: VOEventFields) {
    super();
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      if (FIELDS.has(name)) Reflect.set(this, name, value);
      else define(this.extra, name, value);
    }
    if (this.ivorn === undefined) throw new DecodeError('not a VOEvent: ivorn is missing');
  }

  static load(input: Uint8Array | string, options: VOEventOptions = {}): VOEvent {
    const raw = Buffer.from(input);
    const event = new VOEvent(fieldsOf(readXml(typeof input === 'string' ? input : raw), options));
    event.#raw = raw;
    return event;
  }

  static async loadFile(path: string, options?: VOEventOptions): Promise<VOEvent> {
    return VOEvent.load(await readFile(path), options);
  }

  /** XML, else the JSON of the fields that releases 0.6 to 0.11 sent. */
  static deserialize(bytes: Buffer): VOEvent {
    try {
      return VOEvent.load(bytes);
    } catch (xmlError) {
      const event = fromLegacyJson(bytes);
      if (event) return event;
      throw xmlError;
    }
  }

  /** The bytes this event was read from; undefined when it was built in code or has been changed since. */
  get raw(): Buffer | undefined {
    if (this.#raw && !isDeepStrictEqual(this.fields(), VOEvent.load(this.#raw).fields())) this.#raw = undefined;
    return this.#raw;
  }

  /** The fields in their order, as a new object. */
  fields(): Record<string, unknown> {
    const { ivorn, role, version } = this;
    return { ivorn, role, version, ...Object.fromEntries(SECTIONS.map((name) => [name, this[name]])), ...this.extra };
  }

  serialize(): SerializedMessage {
    return { format: VOEvent.formatName, content: this.toBytes() };
  }

  toBytes(): Buffer {
    return this.raw ?? Buffer.from(this.#toXml());
  }

  /** JSON of the fields with an indent of two, as hop 0.12 prints it. */
  override toString(): string {
    return writeJson(this.fields(), { indent: 2, allowNaN: true });
  }

  #toXml(): string {
    const version = String(this.version);
    const known = VERSIONS.includes(version) ? version : '2.0';
    const attributes = {
      'xmlns:voe': NAMESPACE + known,
      ivorn: String(this.ivorn),
      role: String(this.role),
      version,
    };
    const members: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(this.fields())) {
      if (!(name in attributes) && !isUnset(value)) define(members, name, value);
    }
    return writeXml('voe:VOEvent', attributes, members);
  }
}

function isUnset(value: unknown): boolean {
  if (value === undefined) return true;
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function fieldsOf(document: XmlDocument, { compat = false }: VOEventOptions): VOEventFields {
  checkRoot(document, compat);
  const { content } = document;
  const members = typeof content === 'object' && content !== null && !Array.isArray(content) ? content : {};
  const kept = Object.entries(members).filter(([name]) => name !== 'xmlns' && !name.includes(':'));
  const unknown = kept.find(([name]) => !FIELDS.has(name));
  if (compat && unknown) throw new DecodeError(`not a VOEvent: unknown member ${unknown[0]} of the root`);
  const { ivorn, ...others } = Object.fromEntries(kept);
  if (typeof ivorn !== 'string') throw new DecodeError('not a VOEvent: the root has no ivorn');
  return { ivorn, ...others };
}

function checkRoot({ name, namespace }: XmlDocument, compat: boolean): void {
  if (name === 'voe:VOEvent') return;
  const isVOEvent = name.replace(/^[^:]*:/, '') === 'VOEvent';
  const isKnown = VERSIONS.some((version) => namespace === NAMESPACE + version);
  if (compat || !isVOEvent || !isKnown) {
    const where = namespace === undefined ? 'no namespace' : `namespace ${namespace}`;
    throw new DecodeError(`not a VOEvent: the root is ${name} in ${where}`);
  }
}

function fromLegacyJson(bytes: Buffer): VOEvent | undefined {
  const text = decodeUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value = parseJson(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const { ivorn, ...others } = value;
    return typeof ivorn === 'string' ? new VOEvent({ ivorn, ...others }) : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw new DecodeError(`not a VOEvent: ${reasonOf(error)}`, { cause: error });
  }
}
