// `pnpm measure`: the sizes of each package against the budgets of DESIGN.md; fails over a limit.
import { type FileSize, percentile, sizeOf } from './measurements.ts';
import { isTest, packageFolders, type Source, sourcesBelow } from './source-tree.ts';

const limits = { fileLines: 400, functionLines: 60, functionMedian: 8, functionP90: 25 } as const;

/** Targets that are looked at, not enforced. */
const targets = 'targets: files <= 200 lines, comments 12-20 %, tests : source >= 1.2';

interface Row {
  readonly name: string;
  readonly sources: readonly FileSize[];
  readonly tests: readonly FileSize[];
}

function rowOf(name: string, files: readonly Source[]): Row {
  const sizes = files.map(sizeOf);
  return {
    name,
    sources: sizes.filter(({ path }) => !isTest(path)),
    tests: sizes.filter(({ path }) => isTest(path)),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);
const linesOf = (files: readonly FileSize[]): number[] => files.map(({ lines }) => lines);
const functionsOf = (files: readonly FileSize[]): number[] =>
  files.flatMap(({ functions }) => functions.map(({ lines }) => lines));

function spread(values: readonly number[]): string {
  return [percentile(values, 0.5), percentile(values, 0.9), percentile(values, 1)].join(' / ');
}

function cellsOf({ name, sources, tests }: Row): string[] {
  const lines = sum(linesOf(sources));
  const comments = sum(sources.map(({ commentLines }) => commentLines));
  return [
    name,
    String(sources.length),
    String(lines),
    spread(linesOf(sources)),
    String(functionsOf(sources).length),
    spread(functionsOf(sources)),
    lines ? `${Math.round((100 * comments) / lines)} %` : '-',
    lines ? (sum(linesOf(tests)) / lines).toFixed(2) : '-',
  ];
}

function overruns({ name, sources }: Row): string[] {
  const functions = functionsOf(sources);
  const median = percentile(functions, 0.5);
  const p90 = percentile(functions, 0.9);
  const { fileLines, functionLines, functionMedian, functionP90 } = limits;
  return [
    ...sources.filter((f) => f.lines > fileLines).map((f) => `${f.path}: ${f.lines} lines, limit ${fileLines}`),
    ...sources
      .flatMap((f) => f.functions)
      .filter((f) => f.lines > functionLines)
      .map((f) => `${f.where}: ${f.lines} lines, limit ${functionLines}`),
    ...(median > functionMedian ? [`${name}: median function has ${median} lines, limit ${functionMedian}`] : []),
    ...(p90 > functionP90 ? [`${name}: one function in ten is over ${p90 - 1} lines, limit ${functionP90}`] : []),
  ];
}

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) {
    console.log(row.map((cell, i) => (i ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  '));
  }
}

const rows = packageFolders.map((folder) => rowOf(folder, sourcesBelow(`${folder}/src`)));
const scripts = rowOf('scripts', sourcesBelow('scripts'));
const all: Row = {
  name: 'all packages',
  sources: rows.flatMap((row) => row.sources),
  tests: rows.flatMap((row) => row.tests),
};
const head = [
  'package',
  'files',
  'lines',
  'file p50 / p90 / max',
  'functions',
  'function p50 / p90 / max',
  'comments',
  'tests : source',
];
printTable([head, ...[...rows, scripts, all].map(cellsOf)]);
console.log(targets);

const problems = [...rows, scripts].flatMap(overruns);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
console.log(`measure: ${problems.length} over a limit`);
