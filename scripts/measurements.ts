// Sizes of source files: lines, functions, comments. What is counted is said where it is counted.
import ts from 'typescript';
import type { Source } from './source-tree.ts';

/** A function, with the lines from its first to its last. */
export interface FunctionSize {
  readonly where: string;
  readonly lines: number;
}

export interface FileSize {
  readonly path: string;
  readonly lines: number;
  /** Lines with nothing but comment. */
  readonly commentLines: number;
  readonly functions: readonly FunctionSize[];
}

export function sizeOf(source: Source): FileSize {
  const file = ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, false);
  const functions: FunctionSize[] = [];
  const visit = (node: ts.Node): void => {
    if (isMeasured(node)) functions.push(functionSize(file, node));
    ts.forEachChild(node, visit);
  };
  visit(file);
  const lines = source.text.split('\n').length - (source.text.endsWith('\n') ? 1 : 0);
  return { path: source.path, lines, commentLines: commentLinesOf(source.text), functions };
}

/** Named functions, methods, accessors and constructors; arrow functions with a block, which are functions in all but name. */
function isMeasured(node: ts.Node): node is ts.FunctionLikeDeclaration {
  if (ts.isArrowFunction(node)) return ts.isBlock(node.body);
  const declared =
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isAccessor(node);
  return declared && node.body !== undefined;
}

function functionSize(file: ts.SourceFile, node: ts.FunctionLikeDeclaration): FunctionSize {
  const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
  const last = file.getLineAndCharacterOfPosition(node.end).line;
  const name = node.name && 'text' in node.name ? node.name.text : 'function';
  return { where: `${file.fileName}:${first + 1} ${name}`, lines: last - first + 1 };
}

/** A line counts when it begins with a comment or lies inside one of several lines. */
function commentLinesOf(text: string): number {
  let inside = false;
  let count = 0;
  for (const line of text.split('\n').map((one) => one.trim())) {
    const begins = line.startsWith('/*');
    if (inside || begins || line.startsWith('//')) count++;
    if (inside || begins) inside = !line.includes('*/');
  }
  return count;
}

/** The smallest value that at least this share of the values does not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
