// Credentials as the issuing site hands them out: a CSV file, header row and one data row.
import { CredentialError } from '../errors.ts';
import type { Auth } from './credential.ts';
import { authFromTable } from './table.ts';

const COLUMNS = 'username, password, hostname, mechanism, protocol, ssl_ca_location, token_endpoint, token_command';
const KNOWN: ReadonlySet<string> = new Set(COLUMNS.split(', '));

export interface CsvCredential {
  auth: Auth;
  warnings: string[];
}

/** Reads the first credential of a CSV text; `place` is the file's name for messages. */
export function authFromCsv(text: string, place: string): CsvCredential {
  const [names, values, ...more] = parseCsv(text.replace(/^\ufeff/, '')).filter((row) => row.join('').trim() !== '');
  const advice = `the columns are ${COLUMNS}`;
  if (!names || !values) throw new CredentialError(`${place}: a header row and a data row are expected; ${advice}`);
  const table: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const key = name.trim().toLowerCase();
    const value = values[index] ?? '';
    if (KNOWN.has(key) && value !== '') table[key] = value;
  }
  const required = table.token_command ? ['username'] : ['username', 'password'];
  const missing = required.filter((key) => !table[key]);
  if (missing.length > 0) throw new CredentialError(`${place}: ${missing.join(' and ')} missing; ${advice}`);
  const warnings = more.length > 0 ? [`${place}: only the first of ${more.length + 1} credentials is read`] : [];
  return { auth: authFromTable(table, place), warnings };
}

/** Rows of cells by RFC 4180: quotes around cells, doubled inside, line ends allowed within them. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|((?!")[^,\r\n]*))(,|\r\n|\n|\r|$)/y;
  while (cell.lastIndex < text.length) {
    const start = cell.lastIndex;
    const match = cell.exec(text);
    if (!match) throw new CredentialError(`CSV: a quote is not closed, or text follows it (character ${start + 1})`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === ',') {
      if (cell.lastIndex === text.length) row.push('');
      continue;
    }
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}
