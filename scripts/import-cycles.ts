// Import cycles between files, by Tarjan's strongly connected components. Type imports count: a cycle of types is
// still two files that can only be understood together.
import { posix } from 'node:path';
import { importsOf } from './imports.ts';
import { isTest, type Source } from './source-tree.ts';

/** Each cycle as the files on it. */
export function cyclesIn(sources: readonly Source[]): string[][] {
  const paths = new Set(sources.map(({ path }) => path));
  const graph = new Map<string, string[]>();
  for (const source of sources) {
    if (isTest(source.path)) continue;
    const targets = importsOf(source)
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => posix.join(posix.dirname(source.path), specifier));
    graph.set(
      source.path,
      targets.filter((path) => paths.has(path)),
    );
  }
  return componentsOf(graph).filter(([first, ...more]) => more.length > 0 || selfLoop(graph, first));
}

function selfLoop(graph: ReadonlyMap<string, readonly string[]>, node: string | undefined): boolean {
  return node !== undefined && (graph.get(node) ?? []).includes(node);
}

function componentsOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const index = new Map<string, number>();
  const stack: string[] = [];
  const components: string[][] = [];

  const visit = (node: string): number => {
    const mine = index.size;
    index.set(node, mine);
    stack.push(node);
    let lowest = mine;
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, index.get(next) ?? lowest);
    }
    if (lowest === mine) components.push(stack.splice(stack.indexOf(node)));
    return lowest;
  };

  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return components;
}
