// The table: one row an input, what is now beside what was before.
const line = (cells) => `| ${cells.join(' | ')} |`;
const round = (value) => String(Math.round(value));

/** Of several rounds the one in which the event loop stood still for longest. */
export function worstOf(rounds) {
  return rounds.find(({ reason }) => reason !== undefined) ?? rounds.sort((a, b) => b.max - a.max)[0];
}

function outcome({ reason, failure, seen }, { records }) {
  if (reason !== undefined) return reason;
  if (failure !== null) return `**error after ${seen}**`;
  return seen >= records ? 'all' : `${seen} of ${records}`;
}

export function textOf(result, input) {
  if (result.reason !== undefined) return result.reason;
  const { ms, p99, max, rssMb, heapMb, failure } = result;
  const read = failure === null ? outcome(result, input) : `${outcome(result, input)}: ${failure}`;
  return `${read}, ${round(ms)} ms, p99 ${round(p99)} ms, max ${round(max)} ms, rss ${round(rssMb)} MB, heap ${round(heapMb)} MB`;
}

const FIGURES = ['p99', 'max', 'ms', 'rssMb', 'heapMb'];

function cells(result, input) {
  if (result === undefined) return ['–', ...FIGURES.map(() => '–')];
  if (result.reason !== undefined) return [result.reason, ...FIGURES.map(() => '–')];
  return [outcome(result, input), ...FIGURES.map((name) => round(result[name]))];
}

export function markdown(rows, { rounds }) {
  const titles = ['read', 'p99', 'max', 'ms', 'RSS', 'heap'];
  const head = ['', ...titles, ...titles.map((title) => `${title} before`)];
  const body = rows.map(({ input, now, before }) => line([input.id, ...cells(now, input), ...cells(before, input)]));
  const list = rows.map(({ input }) => `- **${input.id}**: ${input.title}`);
  return [
    '# A consumer before the worst inputs',
    '',
    'Written by `bench/worst/run.mjs` (how to run it: [README](README.md)). Delays of the event loop (p99 and the longest)',
    'and the whole time in ms, largest size of the process and of its heap in MB. "Read": did the loop see what it had to?',
    '',
    `Node ${process.versions.node}; the worst of ${rounds}; ${new Date().toISOString().slice(0, 10)}.`,
    '',
    line(head),
    line(['---', ...head.slice(1).map(() => '---:')]),
    ...body,
    '',
    ...list,
  ].join('\n');
}
