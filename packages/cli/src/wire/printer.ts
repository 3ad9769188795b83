// Traffic as text: a line for each frame, and below it what is in it.
import { type DumpOptions, errorByCode, explain } from '@hopwire/protocol';
import type { Hidden, Seen } from './conversation.ts';
import type { ProxyEvent } from './relay.ts';

export interface PrinterOptions {
  /** Only the line. */
  readonly isBrief: boolean;
  /** Records shown of each batch. */
  readonly mostRecords: number;
}

/** APIs whose bytes are not printed when they cannot be decoded. */
const WITH_SECRETS: ReadonlySet<string> = new Set([
  'SaslAuthenticate',
  'AlterUserScramCredentials',
  'CreateDelegationToken',
  'RenewDelegationToken',
  'ExpireDelegationToken',
  'DescribeDelegationToken',
]);

const NOT_SHOWN = '      not shown: it may hold a password';
const ROW_BYTES = 32;
const MOST_HEX_BYTES = 4096;
const ARROWS = { request: '>', response: '<' } as const;

/** The text of an event, with its last newline. */
export function printed(event: ProxyEvent, options: PrinterOptions): string {
  switch (event.kind) {
    case 'open':
      return `${head(Date.now(), event.connection, '=')}  ${event.client} to ${event.broker}\n`;
    case 'closed':
      return `${head(Date.now(), event.connection, '=')}  closed${event.reason === null ? '' : `: ${event.reason}`}\n`;
    case 'raw': {
      const line = `${head(Date.now(), event.connection, ARROWS[event.direction])}  ${event.bytes.length} B that are no frame`;
      return options.isBrief ? `${line}\n` : `${line}\n${undecoded(event)}\n`;
    }
    case 'frame':
      return frame(event, options);
  }
}

function frame({ connection, seen, rewritten }: ProxyEvent & { kind: 'frame' }, options: PrinterOptions): string {
  const parts = [
    head(seen.timeMs, connection, ARROWS[seen.direction]),
    nameOf(seen),
    `${seen.bytes.length} B`,
    seen.correlationId === null ? '' : `correlation ${seen.correlationId}`,
    seen.clientId === null ? '' : `client ${JSON.stringify(seen.clientId)}`,
    seen.latencyMs === null ? '' : `${seen.latencyMs.toFixed(1)} ms`,
    errorsIn(seen.body).join(' '),
    rewritten && rewritten.addresses > 0 ? `${rewritten.addresses} addresses rewritten` : '',
    rewritten?.problem ?? '',
    seen.problem === null ? '' : `not decoded: ${seen.problem}`,
  ];
  const line = `${parts.filter((part) => part !== '').join('  ')}\n`;
  return options.isBrief
    ? line
    : `${line}${contentOf(seen, { hidesSecrets: true, mostRecords: options.mostRecords })}\n`;
}

function nameOf({ api, version, direction, isToken }: Seen): string {
  if (isToken) return `SASL token, ${direction === 'request' ? 'client' : 'broker'}`;
  return api ? `${api.name} v${version} ${direction}` : `unknown ${direction}`;
}

function contentOf(seen: Seen, options: DumpOptions): string {
  if (seen.isToken) return `${NOT_SHOWN}\n`;
  // What its request was is not known: nothing can be said about it.
  if (!seen.api || seen.version < 0) return `${undecoded(seen)}\n`;
  if (seen.problem !== null && seen.hides === 'all') return `${NOT_SHOWN}\n`;
  const { api, version, bytes } = seen;
  const dump =
    seen.direction === 'request'
      ? explain(bytes, { part: 'request frames' }, options)
      : explain(bytes, { part: 'response frames', api, version }, options);
  const hex = seen.problem === null || WITH_SECRETS.has(api.name) ? '' : `${undecoded(seen)}\n`;
  return `${dump}\n${hex}`;
}

function undecoded({ bytes, hides }: { readonly bytes: Buffer; readonly hides: Hidden }): string {
  return hides === 'nothing' ? hexDump(bytes) : NOT_SHOWN;
}

/** Names of the error codes in an answer, each once. */
function errorsIn(body: unknown): string[] {
  const codes = new Set<number>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
    for (const [name, field] of Object.entries(value)) {
      if (typeof field === 'number' && field !== 0 && /errorCode$/i.test(name)) codes.add(field);
      else walk(field);
    }
  };
  walk(body);
  return [...codes].map((code) => `${code} ${errorByCode(code).name}`);
}

function head(timeMs: number, connection: number, arrow: string): string {
  return `${new Date(timeMs).toISOString().slice(11)}  #${connection} ${arrow}`;
}

/** Rows of bytes; of many only the first. */
function hexDump(bytes: Buffer): string {
  const rows: string[] = [];
  for (let at = 0; at < Math.min(bytes.length, MOST_HEX_BYTES); at += ROW_BYTES) {
    rows.push(
      `${at.toString(16).padStart(4, '0')}  ${bytes.toString('hex', at, Math.min(at + ROW_BYTES, bytes.length))}`,
    );
  }
  if (bytes.length > MOST_HEX_BYTES) rows.push(`      ${bytes.length - MOST_HEX_BYTES} more bytes`);
  return rows.join('\n');
}
