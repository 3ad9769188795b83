// The table and what is said below it, in Markdown.

import type { Call } from './call.ts';
import { type Cell, senseless, textOf } from './cell.ts';
import { faultsOf, type Result, TARGET_MS } from './result.ts';
import { COLUMNS, type Column, nameOf, type State } from './state.ts';

/** A column of the table: one of the states, or all of them in a column of the issue. */
interface Heading {
  readonly name: string;
  readonly column: Column;
  holds(state: State): boolean;
}

export function table(
  calls: readonly Call[],
  states: readonly State[],
  results: readonly Result[],
  apart: boolean,
): string {
  const headings = apart ? states.map(headingOfState) : headingsOf(states);
  const notes = new Notes();
  const rows = calls.map((call) => [
    `\`${call.name}\``,
    ...headings.map((heading) => textOfCell(call, heading, results, notes)),
  ]);
  return [tableOf(['call', ...headings.map(({ name }) => name)], rows), '', ...notes.lines()].join('\n');
}

function headingsOf(states: readonly State[]): Heading[] {
  const used = COLUMNS.filter((column) => states.some((state) => state.column === column));
  return used.map((column) => ({ name: column, column, holds: (state) => state.column === column }));
}

function headingOfState(state: State): Heading {
  return { name: nameOf(state), column: state.column, holds: (other) => other === state };
}

function textOfCell(call: Call, heading: Heading, results: readonly Result[], notes: Notes): string {
  const own = results.filter(({ cell }) => cell.call === call && heading.holds(cell.state));
  const reason = senseless(call, heading.column);
  if (own.length === 0) return reason === undefined ? '' : `-${notes.mark(reason)}`;
  const worst = Math.max(...own.map(({ pastMs }) => pastMs));
  const text = `${Number.isFinite(worst) ? worst.toFixed(0) : 'never'}${marksOf(own)}`;
  return own.some((result) => faultsOf(result).length > 0) ? `**${text}**` : text;
}

/** What is wrong beside the time of the call itself. */
function marksOf(results: readonly Result[]): string {
  const has = (isSo: (result: Result) => boolean, mark: string): string => (results.some(isSo) ? mark : '');
  return [
    has(({ leftBehind }) => leftBehind.length > 0, ' left'),
    has(({ closePastMs }) => closePastMs > TARGET_MS, ' close'),
    has(({ otherReasons }) => otherReasons.length > 0, ' reason'),
    has(({ failure }) => failure !== null, ' ?'),
  ].join('');
}

/** Reasons, numbered as they come. */
class Notes {
  readonly #reasons: string[] = [];

  mark(reason: string): string {
    if (!this.#reasons.includes(reason)) this.#reasons.push(reason);
    return ` (${this.#reasons.indexOf(reason) + 1})`;
  }

  lines(): string[] {
    return this.#reasons.map((reason, index) => `(${index + 1}) ${reason}`);
  }
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** The slowest call, and the slowest close after a call. */
export function worstLine(results: readonly Result[]): string {
  const call = worstOf(results, ({ pastMs }) => pastMs);
  const close = worstOf(results, ({ closePastMs }) => closePastMs);
  return `worst call: ${call}\nworst close after a call: ${close}`;
}

function worstOf(results: readonly Result[], of: (result: Result) => number): string {
  let worst: { readonly ms: number; readonly cell: Cell } | null = null;
  for (const result of results) {
    if (worst === null || of(result) > worst.ms) worst = { ms: of(result), cell: result.cell };
  }
  if (worst === null) return 'none';
  return `${Number.isFinite(worst.ms) ? `${worst.ms.toFixed(1)} ms` : 'never settled'} (${textOf(worst.cell)})`;
}

/** One line for each cell that broke the rule. */
export function faultLines(results: readonly Result[]): string[] {
  return results.flatMap((result) => faultsOf(result).map((fault) => `${textOf(result.cell)}: ${fault}`));
}

export function legend(cells: number, rounds: number): string {
  return `Milliseconds past the deadline, the worst of ${rounds} rounds of each of ${cells} combinations of call, state
and limit (each with several calls at once out of one client); at most ${TARGET_MS} is promised. 0: not later than it.
Bold: a fault. \`left\`: something is left behind; \`close\`: the close after it was late; \`reason\`: rejected with something else than the signal's reason; \`?\`: not measured.
Members may stay where the broker cannot be told: connecting, throttled, silent, and a close without any time.`;
}
