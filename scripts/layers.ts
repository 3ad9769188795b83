// `pnpm layers`: fails on an import against an arrow (layer-rules.ts) and on any import cycle.
import { cyclesIn } from './import-cycles.ts';
import { violationsOf } from './layer-rules.ts';
import { packageFolders, sourcesBelow } from './source-tree.ts';

const problems: string[] = [];
let files = 0;
for (const folder of packageFolders) {
  const sources = sourcesBelow(folder);
  files += sources.length;
  problems.push(...violationsOf(folder, sources));
  problems.push(...cyclesIn(sources).map((cycle) => `import cycle: ${cycle.join(' -> ')}`));
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
console.log(`layers: ${files} files in ${packageFolders.length} packages, ${problems.length} violations`);
