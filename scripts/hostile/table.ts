// What came of all cells, by API, in Markdown.
import type { Cell, Sample } from './trial.ts';

const HEAD = ['API', 'cells', 'worst past a deadline (ms)', 'most requests/s', 'slowest recovery (ms)', 'faults'];

export function tableOf(results: ReadonlyMap<Cell, Sample>): string {
  const names = [...new Set([...results.keys()].map(({ hostility: { api } }) => api.name))].sort();
  const rows = names.map((name) => rowOf(name, samplesOf(name, results)));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = HEAD.map((_, index) => (index === 0 ? '---' : '---:'));
  return [HEAD, rule, ...rows, rowOf('all', [...results.values()])].map(line).join('\n');
}

function samplesOf(name: string, results: ReadonlyMap<Cell, Sample>): Sample[] {
  return [...results].filter(([{ hostility }]) => hostility.api.name === name).map(([, sample]) => sample);
}

function rowOf(name: string, samples: readonly Sample[]): string[] {
  const worst = (of: (sample: Sample) => number): string => {
    const most = Math.max(...samples.map(of));
    return Number.isFinite(most) ? most.toFixed(0) : 'never';
  };
  return [
    name,
    `${samples.length}`,
    worst(({ pastMs }) => pastMs),
    worst(({ requests }) => requests),
    worst(({ recoveryMs }) => recoveryMs),
    `${samples.filter(({ faults }) => faults.length > 0).length}`,
  ];
}
