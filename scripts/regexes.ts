// `pnpm regexes`: fails on a regular expression of the product that some text makes slow, and on one that is put together.
import { composedIn, expressionsIn, faultOf, isProduct } from './regular-expressions.ts';
import { packageFolders, sourcesBelow } from './source-tree.ts';

const sources = [...packageFolders, 'scripts'].flatMap((folder) => sourcesBelow(folder)).filter(isProduct);
const problems = sources.flatMap(composedIn).map((place) => `${place}: put together; write it as a literal`);
const expressions = sources.flatMap(expressionsIn);
for (const expression of expressions) {
  const fault = await faultOf(expression);
  if (fault !== null) problems.push(`${expression.place}: /${expression.source}/: ${fault}`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
console.log(`regexes: ${expressions.length} in ${sources.length} files, ${problems.length} that may be slow`);
