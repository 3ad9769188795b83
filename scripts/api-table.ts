// `pnpm api-table`: writes the table of APIs into the README of the protocol package. A test compares.
import { readFile, writeFile } from 'node:fs/promises';
import { type AnyApi, apis } from '@hopwire/protocol';

const file = new URL('../packages/protocol/README.md', import.meta.url);
const PLACE = /(?<=<!-- Written by `pnpm api-table`\. -->\n).*?(?=<!-- \/apis -->)/s;

function row(api: AnyApi): string {
  const [first, last] = api.versions;
  const unstable = api.latestStable === undefined ? '' : `, above v${api.latestStable} unstable`;
  const flexible = api.flexibleFrom === null ? 'never' : `v${api.flexibleFrom}`;
  return `| ${api.key} | ${api.name} | ${first === last ? `v${first}` : `v${first}-${last}`}${unstable} | ${flexible} |`;
}

/** The README as it should be. */
export function withTable(readme: string): string {
  const lines = ['| key | API | versions | flexible from |', '| --- | --- | --- | --- |', ...apis.map(row)];
  return readme.replace(PLACE, `\n${lines.join('\n')}\n\n`);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  await writeFile(file, withTable(await readFile(file, 'utf8')));
}
