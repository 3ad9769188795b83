// Regular expressions of the sources, and which of them may take more than linear time for some text.
import { check } from 'recheck';
import ts from 'typescript';
import type { Source } from './source-tree.ts';

/** A literal, where it stands. */
export interface Expression {
  readonly place: string;
  readonly source: string;
  readonly flags: string;
}

const TIMEOUT_MS = 30_000;
/** Tests match what we print ourselves. */
const OF_TESTS = /\.test\.ts$|\/testing\/|\/testing\.ts$/;

/** The product's own files, without tests and what helps them. */
export function isProduct({ path }: Source): boolean {
  return !OF_TESTS.test(path);
}

/** All literals of a file. */
export function expressionsIn(source: Source): Expression[] {
  return gathered(source, (node, place) =>
    ts.isRegularExpressionLiteral(node) ? { place, ...partsOf(node.text) } : null,
  );
}

/** Where expressions are put together, which nothing can be said about. */
export function composedIn(source: Source): string[] {
  return gathered(source, (node, place) => {
    const isMaker = ts.isNewExpression(node) || ts.isCallExpression(node);
    return isMaker && ts.isIdentifier(node.expression) && node.expression.text === 'RegExp' ? place : null;
  });
}

/** What `take` makes of each node of a file, without the nulls. */
function gathered<T>({ path, text }: Source, take: (node: ts.Node, place: string) => T | null): T[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const found: T[] = [];
  const visit = (node: ts.Node): void => {
    const taken = take(node, placeOf(file, node));
    if (taken !== null) found.push(taken);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** @returns null: linear, whatever the text is; else what is wrong */
export async function faultOf({ source, flags }: Expression): Promise<string | null> {
  const result = await check(source, flags, { checker: 'auto', timeout: TIMEOUT_MS });
  if (result.status === 'safe') return null;
  if (result.status === 'unknown') return `nobody can say how long it takes (${result.error.kind})`;
  const { summary } = result.complexity;
  return `${summary}, e.g. for ${result.attack.pattern}`;
}

function partsOf(literal: string): { readonly source: string; readonly flags: string } {
  const end = literal.lastIndexOf('/');
  return { source: literal.slice(1, end), flags: literal.slice(end + 1) };
}

function placeOf(file: ts.SourceFile, node: ts.Node): string {
  const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
  return `${file.fileName}:${line + 1}`;
}
