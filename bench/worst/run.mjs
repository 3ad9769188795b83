// A consumer before the worst inputs: memory, time, and how long the event loop stands still.
//
//   node bench/worst/run.mjs [--before CHECKOUT] [--only zstd,control] [--rounds 3] [--now CHECKOUT] [--write]
//
// --before names another checkout of this repository, built, to compare with. A run without --only writes its section of
// bench/RESULTS.md; others do with --write.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeSection } from '../results.mjs';
import { inputs } from './inputs.mjs';
import { measure } from './measure.mjs';
import { markdown, textOf, worstOf } from './report.mjs';

const here = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const { values: options } = parseArgs({
  options: {
    now: { type: 'string', default: here },
    before: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const starts = options.only?.split(',');
const chosen = inputs.filter(({ id }) => starts?.some((start) => id.startsWith(start)) ?? true);
if (chosen.length === 0) throw new RangeError(`--only: only ${inputs.map(({ id }) => id).join(', ')}`);
const checkouts = { now: options.now, ...(options.before && { before: options.before }) };

const rows = [];
for (const input of chosen) {
  const row = { input };
  for (const [name, checkout] of Object.entries(checkouts)) {
    const rounds = [];
    for (let i = 0; i < Number(options.rounds); i++) rounds.push(await measure(input.id, checkout, here));
    row[name] = worstOf(rounds);
    console.log(`${input.id.padEnd(20)} ${name.padEnd(7)} ${textOf(row[name], input)}`);
  }
  rows.push(row);
}
const text = markdown(rows, { rounds: Number(options.rounds) });
console.log(`\n${text}`);
if (options.write || options.only === undefined) {
  writeSection('worst', text);
  console.log('written to bench/RESULTS.md');
}
