// `pnpm wire <hex | file>`: annotates a message, field by field.
//
//   pnpm wire 000300...                            a request frame, with or without its size in front
//   pnpm wire answer.bin Fetch 12 response         a response frame (its version is not in it)
//   pnpm wire body.hex Metadata 9 request --body   a body without header
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type AnyApi, apiByKey, apis, type Explained, explain } from '@hopwire/protocol';

const USAGE = `usage: pnpm wire <hex | file> [<api> <version> <request | response>] [--body]
  Without an API the bytes are a request frame. A file holds hex digits (blanks ignored) or the bytes themselves.`;

function fail(reason: string): never {
  process.stderr.write(`${reason}\n${USAGE}\n`);
  process.exit(2);
}

function bytesOf(source: string): Buffer {
  if (!existsSync(source)) return fromHex(source) ?? fail(`neither a file nor hex: ${source}`);
  const content = readFileSync(source);
  return fromHex(content.toString('latin1')) ?? content;
}

function fromHex(text: string): Buffer | null {
  const digits = text.replace(/\s/g, '');
  return /^([0-9a-f]{2})+$/i.test(digits) ? Buffer.from(digits, 'hex') : null;
}

/** A size in front that fits the rest is one. */
function withoutSize(bytes: Buffer): Buffer {
  return bytes.length >= 4 && bytes.readInt32BE(0) === bytes.length - 4 ? bytes.subarray(4) : bytes;
}

function apiNamed(name: string): AnyApi {
  const api = apis.find((one) => one.name.toLowerCase() === name.toLowerCase() || String(one.key) === name);
  return api ?? fail(`no API ${name}; there are ${apis.map((one) => one.name).join(', ')}`);
}

function whatOf(words: readonly string[], isBody: boolean): Explained {
  const [name, version, direction] = words;
  if (name === undefined) return isBody ? fail('a body needs API, version and direction') : request;
  if (!/^\d+$/.test(version ?? '')) fail(`not a version: ${version}`);
  if (direction !== 'request' && direction !== 'response') fail(`neither request nor response: ${direction}`);
  if (direction === 'request' && !isBody) return request;
  return { part: isBody ? direction : 'response frame', api: apiNamed(name), version: Number(version) };
}

const request: Explained = { part: 'request frame', apiByKey };
const { values, positionals } = parseArgs({ allowPositionals: true, options: { body: { type: 'boolean' } } });
const [source, ...words] = positionals;
if (source === undefined) fail('nothing to explain');
const isBody = values.body ?? false;
const bytes = bytesOf(source);
process.stdout.write(`${explain(isBody ? bytes : withoutSize(bytes), whatOf(words, isBody))}\n`);
