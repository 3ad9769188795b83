// `pnpm simulate --mutations`: which fault is found by which rule, at which seed, and when.
import { discover } from './discovery.ts';
import { mutations } from './mutations.ts';

const COLUMNS = [42, 30, 7] as const;

/** A line for each as soon as it is known. @returns how many were not found */
export async function printMutations(print: (line: string) => void): Promise<number> {
  let missing = 0;
  print(row('fault', 'rule', 'seed', 'virtual second'));
  for (const mutation of mutations) {
    const found = await discover(mutation);
    if (!found) missing++;
    print(
      found
        ? row(mutation.name, found.rule, `${found.seed}`, (found.atMs / 1000).toFixed(1))
        : row(mutation.name, `not found by seeds ${mutation.seeds.join(' ')}`, '', ''),
    );
  }
  return missing;
}

function row(...cells: [name: string, rule: string, seed: string, second: string]): string {
  return cells
    .map((cell, i) => cell.padEnd(COLUMNS[i] ?? 0))
    .join(' ')
    .trimEnd();
}
