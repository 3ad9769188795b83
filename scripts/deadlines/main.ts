// `pnpm deadlines`: does every public call settle when its time is up, whatever the state of the world?
//
//   pnpm deadlines                                  the whole table, in about two minutes
//   pnpm deadlines --call commit --state silent     only calls and states whose names hold these words
//   --limit signal  --rounds 1  --at-once 1         one kind of limit; how often; scenes at a time
//   --apart                                         a column for each way into a state
//   --outcomes                                      how each call ended
//
// Ends with 1 when a call settled more than 100 ms late or not at all, or something was left behind.
import { parseArgs } from 'node:util';
import { calls, cellsOf, states, textOf } from './cell.ts';
import { faultLines, legend, table, worstLine } from './report.ts';
import { run } from './runner.ts';
import { nameOf } from './state.ts';
import { mustEndByItself } from './still-alive.ts';

const { values } = parseArgs({
  options: {
    call: { type: 'string', default: '' },
    state: { type: 'string', default: '' },
    limit: { type: 'string', default: '' },
    rounds: { type: 'string', default: '2' },
    'at-once': { type: 'string', default: '20' },
    apart: { type: 'boolean', default: false },
    outcomes: { type: 'boolean', default: false },
  },
});

const rounds = Number(values.rounds);
const someCalls = calls.filter(({ name }) => name.includes(values.call));
const someStates = states.filter((state) => nameOf(state).includes(values.state));
const cells = cellsOf(someCalls, someStates).filter(({ limit }) => limit.includes(values.limit));
if (cells.length === 0) throw new RangeError('no call, state or limit has such a name; see scripts/deadlines/cell.ts');

const began = performance.now();
const results = await run(cells, {
  rounds,
  atOnce: Number(values['at-once']),
  repeatMs: 60_000,
  say: (line) => console.error(line),
});
const seconds = ((performance.now() - began) / 1000).toFixed(0);
console.log(table(someCalls, someStates, results, values.apart));
console.log(`\n${legend(cells.length, rounds)}\n\n${worstLine(results)}\n${seconds} s on Node ${process.version}`);
if (values.outcomes) {
  for (const { cell, outcomes } of results) console.log(`${textOf(cell)}\n  ${[...new Set(outcomes)].join('\n  ')}`);
}
const faults = faultLines(results);
console.log(faults.length === 0 ? 'no fault' : `\n${faults.length} faults:\n${faults.join('\n')}`);
process.exitCode = faults.length === 0 ? 0 : 1;
mustEndByItself();
