// `pnpm api-table`: writes the table of APIs into the README of the protocol package. A test compares.
import { readFile, writeFile } from 'node:fs/promises';
import { type AnyApi, apis } from '@hopwire/protocol';

const file = new URL('../packages/protocol/README.md', import.meta.url);
const START = '<!-- Written by `pnpm api-table`. -->\n';
const END = '<!-- /apis -->';

function row(api: AnyApi): string {
  const [first, last] = api.versions;
  const unstable = api.latestStable === undefined ? '' : `, above v${api.latestStable} unstable`;
  const flexible = api.flexibleFrom === null ? 'never' : `v${api.flexibleFrom}`;
  return `| ${api.key} | ${api.name} | ${first === last ? `v${first}` : `v${first}-${last}`}${unstable} | ${flexible} |`;
}

/** The README as it should be. */
export function withTable(readme: string): string {
  const lines = ['| key | API | versions | flexible from |', '| --- | --- | --- | --- |', ...apis.map(row)];
  const start = readme.indexOf(START) + START.length;
  return `${readme.slice(0, start)}\n${lines.join('\n')}\n\n${readme.slice(readme.indexOf(END, start))}`;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await writeFile(file, withTable(await readFile(file, 'utf8')));
}
