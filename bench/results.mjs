// RESULTS.md has a section for each bench; each command writes only its own.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('./RESULTS.md', import.meta.url);
const begin = (name) => `<!-- begin ${name} -->`;
const end = (name) => `<!-- end ${name} -->`;

/** Replaces the section, or appends it. */
export function writeSection(name, text) {
  const before = readFileSync(file, 'utf8');
  const section = `${begin(name)}\n${text.trim()}\n${end(name)}\n`;
  const from = before.indexOf(begin(name));
  const to = before.indexOf(end(name));
  const after =
    from < 0 || to < from
      ? `${before.trimEnd()}\n\n${section}`
      : before.slice(0, from) + section + before.slice(to + end(name).length + 1);
  writeFileSync(file, after);
}
