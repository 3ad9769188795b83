// The comment at the head of an API's file is where its users look versions up.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { apis } from './index.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const sources = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));

function headOf(name: string): string {
  const source = sources.find((text) => text.startsWith(`/**\n * ${name} (key `));
  return source?.slice(0, source.indexOf('*/')) ?? '';
}

describe('the head of an API', () => {
  it.each(apis)('names its key and versions: $name', ({ name, key, versions: [first, last] }) => {
    const range = first === last ? `v${first}` : `v${first}-${last}`;
    expect(headOf(name)).toMatch(new RegExp(`^/\\*\\*\n \\* ${name} \\(key ${key}\\), ${range}[.,] `));
  });

  it.each(apis)('says what each version brought: $name', ({ name, versions: [first, last] }) => {
    const noted = [...headOf(name).matchAll(/^ \* {3}v(\d+) /gm)].map(([, version]) => Number(version));
    const later = Array.from({ length: last - first }, (_, i) => first + 1 + i);
    expect(noted.filter((version) => version > first)).toEqual(later);
  });

  it.each(apis)('says from which version on it is flexible: $name', ({ name, flexibleFrom }) => {
    const flexible = flexibleFrom === null ? /never flexible/ : new RegExp(`^ \\* {3}v${flexibleFrom} +flexible`, 'm');
    expect(headOf(name)).toMatch(flexible);
  });
});
