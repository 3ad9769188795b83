// The figures as text: a line while it runs, and the tables of RESULTS.md.
import { readFileSync } from 'node:fs';

const LABELS = { hopwire: 'hopwire', 'kafka-ts': 'kafka-ts', platformatic: '@platformatic/kafka', kafkajs: 'kafkajs' };

/** `amount` per second, from nanoseconds a call. */
function rate({ unit, amount }, nanoseconds) {
  const perSecond = (amount / nanoseconds) * 1e9;
  if (unit === 'bytes') return `${(perSecond / 1e9).toFixed(2)} GB/s`;
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(perSecond >= 1e8 ? 0 : 2)} M/s`;
  return `${(perSecond / 1e3).toFixed(perSecond >= 1e5 ? 0 : 1)} k/s`;
}

function figureOf(row, client) {
  return row.figures.find((figure) => figure.client === client);
}

/** How many times faster ours is than the fastest of the others; null where nobody else does it. */
export function ratioOf(row) {
  const ours = figureOf(row, 'hopwire');
  const others = row.figures.filter(({ client, reason }) => client !== 'hopwire' && reason === undefined);
  if (ours.reason !== undefined || others.length === 0) return null;
  return Math.min(...others.map(({ nanoseconds }) => nanoseconds)) / ours.nanoseconds;
}

const times = (ratio) => (ratio === null ? '–' : `${ratio.toFixed(2)} ×`);

export function rowText(row) {
  const cells = row.figures.map(({ client, reason, nanoseconds }) => `${client} ${reason ?? rate(row, nanoseconds)}`);
  return `${row.id.padEnd(20)} ${cells.join(' | ')} | ${times(ratioOf(row))}`;
}

function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

function cell(row, { reason, nanoseconds, result }, reasons) {
  if (reason !== undefined) {
    reasons.add(reason);
    return `– (${[...reasons].indexOf(reason) + 1})`;
  }
  // How small it became belongs to how fast it was.
  const size = row.bytesDiffer && row.id.startsWith('encode-') ? `, ${(result / 1000).toFixed(0)} kB` : '';
  return rate(row, nanoseconds) + size;
}

function groupTable({ title, rows }) {
  const reasons = new Set();
  const names = Object.keys(LABELS);
  const body = rows.map((row) => [
    row.title,
    ...names.map((client) => cell(row, figureOf(row, client), reasons)),
    times(ratioOf(row)),
  ]);
  const units = [...new Set(rows.map(({ unit }) => unit))].join(', ');
  const notes = [...reasons].map((reason, i) => `(${i + 1}) ${reason}.`).join(' ');
  const head = table([`${units} per second`, ...Object.values(LABELS), 'hopwire / best other'], body);
  return [`## ${title}`, head, notes].filter((part) => part !== '').join('\n\n');
}

/** Nanoseconds a record, a line for each size of batch. */
function seriesTable({ title, rows }) {
  const what = [...new Set(rows.map((row) => row.title))];
  const counts = [...new Set(rows.map(({ count }) => count))];
  const columns = what.flatMap((name) => Object.keys(LABELS).map((client) => ({ name, client })));
  const nanoseconds = (count, { name, client }) => {
    const row = rows.find((one) => one.count === count && one.title === name);
    return (figureOf(row, client).nanoseconds / count).toFixed(0);
  };
  const header = ['records a batch', ...columns.map(({ name, client }) => `${name}: ${LABELS[client]}`)];
  const body = counts.map((count) => [
    count.toLocaleString('en'),
    ...columns.map((column) => nanoseconds(count, column)),
  ]);
  return [`## ${title}`, 'Nanoseconds per record, values of 100 B.', table(header, body)].join('\n\n');
}

const TARGETS = [
  { id: 'encode-100', target: 2.5e6, ratio: 1.9 },
  { id: 'encode-1k', target: 1.5e6, ratio: 1.9 },
  { id: 'walk-100', target: 10e6, ratio: 1.35 },
  { id: 'crc-1m', target: 1.6e9 },
];

function targetTable(groups) {
  const rows = groups.flatMap((group) => group.rows);
  const body = TARGETS.map(({ id, target, ratio }) => {
    const row = rows.find((one) => one.id === id);
    const asked = rate({ unit: row.unit, amount: target }, 1e9);
    const reached = rate(row, figureOf(row, 'hopwire').nanoseconds);
    return [row.title, asked, reached, ratio === undefined ? '–' : `${ratio} ×`, times(ratioOf(row))];
  });
  return table(['', 'target', 'reached', 'target against the best other', 'reached'], body);
}

function versionOf(name) {
  const file = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

const INTRODUCTION = `# Results of the codec bench

Written by \`bench/codec/run.mjs\` (how to run it: [README](README.md)). **Ratios count**: all figures of a row were
measured in turn within a few seconds; absolute ones hold for one machine at one moment.`;

const WHAT_EACH_DOES = `## What each does

| | hopwire | kafka-ts | @platformatic/kafka | kafkajs |
|---|---|---|---|---|
| writing a record | once, into the batch's buffer | encoder of its own, copied | list of small buffers, joined twice | encoder of its own, copied |
| CRC-32C when writing | JavaScript, 16 bytes a step | JavaScript, byte by byte | native module | JavaScript, byte by byte |
| CRC-32C when reading | **checked** | not checked | not checked | not checked |
| reading a record | lengths checked; fields decoded when touched | at once, texts decoded | at once, keys and values as views | at once, asynchronously |
| lengths that lie | refused | read past or cut short | partly refused | read past or cut short |
| 64 bits | number while safe, bigint when touched | bigint | bigint | Long, then text |

"Walk" iterates over all records and counts them. "Use" adds offset (as a number), length of the key and length of the
value; "all there is" the timestamp and the headers as well (ours through \`readRecords\`, which makes plain objects).

Rivals get the form of record their own producers hand to their codecs, made before the clock runs; what their producers
do per record on the way from messages to bytes is part of the work. For kafka-ts values are
strings. Where a batch of 1 KiB values is read, what ours does beyond the others is the CRC: half a microsecond a record.`;

const CLOCKS = { cpu: 'CPU time, all threads of the process together', wall: 'wall-clock time' };

export function markdown(groups, { rounds, milliseconds, clock }) {
  const versions = ['kafka-ts', '@platformatic/kafka', 'kafkajs']
    .map((name) => `${name} ${versionOf(name)}`)
    .join(', ');
  const setting =
    `Node ${process.versions.node}; ${versions}. Median of ${rounds} rounds of ${milliseconds} ms; seconds of ${CLOCKS[clock]}; ` +
    `${new Date().toISOString().slice(0, 10)}.`;
  const tables = groups.map((group) => (group.isSeries ? seriesTable(group) : groupTable(group)));
  return `${[INTRODUCTION, setting, '## Targets', targetTable(groups), ...tables, WHAT_EACH_DOES].join('\n\n')}\n`;
}
