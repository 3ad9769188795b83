// The tables: one row a figure of a workload, one column a client; and what it cost.
import { rivals } from './clients.mjs';
import { median, textOf } from './figures.mjs';

const line = (cells) => `| ${cells.join(' | ')} |`;
const isMeasured = (result) => result !== undefined && result.reason === null && result.rounds.length > 0;

const cpu = {
  name: 'cpu',
  title: 'CPU s',
  better: 'less',
  of: ({ cpuSeconds, records }) => (cpuSeconds / records) * 1e6,
};
const figureIn = (figure, round) => (figure.of ? figure.of(round) : round[figure.name]);

/** Round by round, because the machine's mood changes. Above 1 is better for ours, whichever way the figure goes. */
function ratiosOf(figure, ours, theirs) {
  if (!isMeasured(ours) || !isMeasured(theirs)) return [];
  const pairs = ours.rounds.slice(0, theirs.rounds.length).map((round, i) => [round, theirs.rounds[i]]);
  return pairs.map(([a, b]) => {
    const quotient = figureIn(figure, a) / figureIn(figure, b);
    return figure.better === 'more' ? quotient : 1 / quotient;
  });
}

const times = (value) => `${value.toFixed(2)} ×`;

function againstBefore(figure, of) {
  const ratios = ratiosOf(figure, of('hopwire'), of('before'));
  if (ratios.length === 0) return '–';
  return `${times(median(ratios))} (${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)})`;
}

function againstBest(figure, of) {
  const all = rivals.map((name) => ratiosOf(figure, of('hopwire'), of(name))).filter(({ length }) => length > 0);
  return all.length === 0 ? '–' : times(Math.min(...all.map(median)));
}

function cell(figure, result) {
  if (!isMeasured(result)) return '–';
  const values = result.rounds.map((round) => figureIn(figure, round));
  const spread = [Math.min(...values), Math.max(...values)].map((value) => textOf(figure, value));
  return `${textOf(figure, median(values))} (${spread.join('–')})`;
}

const finder = (results) => (name) => results.find((result) => result.name === name);

function rowsOf({ workload, results }, clients) {
  const of = finder(results);
  return workload.figures.map((figure) => [
    `${workload.id}, ${figure.title}`,
    ...clients.map((name) => cell(figure, of(name))),
    againstBefore(figure, of),
    againstBest(figure, of),
  ]);
}

function costText(result) {
  if (!isMeasured(result)) return '–';
  const seconds = median(result.rounds.map(cpu.of));
  return `${seconds.toFixed(2)} s, ${median(result.rounds.map(({ peakMb }) => peakMb)).toFixed(0)} MB`;
}

function costRows({ workload, results }, clients) {
  if (workload.id === 'import') return [];
  const of = finder(results);
  return [[workload.id, ...clients.map((name) => costText(of(name))), againstBefore(cpu, of), againstBest(cpu, of)]];
}

const table = (head, rows) =>
  [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');

export function markdown(measured, clients, { rounds, seconds, versions, broker }) {
  const reasons = measured.flatMap(({ workload, results }) =>
    results.filter(({ reason }) => reason).map(({ name, reason }) => `- ${workload.id}, ${name}: ${reason}`),
  );
  const ratios = ['now / before', 'now / best other'];
  const about = measured.map(({ workload: { id, title } }) => `- **${id}**: ${title}`);
  const figures = measured.flatMap((one) => rowsOf(one, clients));
  const costs = measured.flatMap((one) => costRows(one, clients));
  return `# Results of the bench against a broker

Written by \`bench/broker/run.mjs\` (how to run it: [README](README.md)). **Ratios count**: above 1 is better for
hopwire, in rates and in times; they are taken round by round, and the median is given. All figures of a row were
measured in turn; absolute ones hold for one machine at one moment, which the broker shares with the clients.

${broker}; Node ${process.versions.node}; ${versions}. Medians of ${rounds} rounds (smallest–largest), ${seconds} s each; ${new Date().toISOString().slice(0, 10)}.

${table(['', ...clients, ...ratios], figures)}

CPU seconds of the client's process for a million records, warm-up and connecting included, and its largest size:

${table(['', ...clients, ...ratios], costs)}

${about.join('\n')}
${reasons.length > 0 ? `\nNot measured:\n\n${reasons.join('\n')}\n` : ''}`;
}
