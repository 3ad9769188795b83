// The soak's tables, in Markdown.
import type { Judgement, Violation } from './checks.ts';
import type { Ledger } from './ledger.ts';
import { type Recovery, TARGET_MS } from './recovery.ts';
import { median, quartersOf } from './resources.ts';

const MOST_DETAILS = 8;

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

const ms = (value: number): string => (Number.isFinite(value) ? value.toFixed(0) : '-');
const worst = (values: readonly number[]): string => ms(Math.max(...values));
const middle = (values: readonly number[]): string => (values.length === 0 ? '-' : ms(median(values)));
const most = (values: readonly number[]): number => Math.max(0, ...values);

/** One row a kind of fault. */
export function recoveryTable(recoveries: readonly Recovery[]): string {
  const kinds = [...new Set(recoveries.map(({ kind }) => kind))].sort();
  const head = ['fault', 'n', 'partitions', 'ack worst', 'ack median', 'record worst', 'record median'];
  return table(
    [...head, 'from fault, worst', 'gap ack', 'gap record', 'read again'],
    kinds.map((kind) => {
      const mine = recoveries.filter((recovery) => recovery.kind === kind);
      const acknowledgements = mine.flatMap((recovery) => recovery.acknowledgements);
      const records = mine.flatMap((recovery) => recovery.records);
      return [
        ...[kind, String(mine.length), String(acknowledgements.length)],
        ...[worst(acknowledgements), middle(acknowledgements), worst(records), middle(records)],
        ms(most(mine.map(({ recoveredMs }) => recoveredMs))),
        ms(most(mine.map(({ longestGapMs }) => longestGapMs.acknowledgement))),
        ms(most(mine.map(({ longestGapMs }) => longestGapMs.record))),
        String(mine.reduce((sum, { duplicates }) => sum + duplicates, 0)),
      ];
    }),
  );
}

export function totalsTable({ totals }: Judgement): string {
  const delivered = [...totals.delivered].map(([reader, count]) => [`delivered to ${reader}`, String(count)]);
  return table(
    ['records', 'count'],
    [
      ['acknowledged', String(totals.acknowledged)],
      ['refused, surely not delivered', String(totals.refusedForSure)],
      ['refused, perhaps delivered', String(totals.refusedPerhaps)],
      ['in the logs', String(totals.inLog)],
      ...delivered,
      ['acknowledged and lost', String(totals.lost)],
      ['in a log and not delivered', String(totals.notDelivered)],
      ['out of order', String(totals.outOfOrder)],
      ['twice in a log', String(totals.twiceInLog)],
      ['delivered again', String(totals.deliveredAgain)],
    ],
  );
}

export function resourceTable({ samples }: Ledger): string {
  const rows = (['sockets', 'timers', 'handles', 'heapMb', 'rssMb'] as const).map((what) => {
    const values = samples.map((sample) => sample[what]);
    return [what, ...quartersOf(samples, what).map((n) => n.toFixed(1)), most(values).toFixed(1)];
  });
  return table(['the client process', '1st quarter', '2nd', '3rd', '4th', 'most'], rows);
}

export function adminLine({ adminCalls }: Ledger): string {
  const failed = adminCalls.filter(({ error }) => error !== null);
  const slowest = most(adminCalls.map(({ ms: took }) => took));
  const errors = failed.map(({ call, error }) => `  ${call}: ${error}`);
  return [
    `admin calls: ${adminCalls.length}, failed ${failed.length}, slowest ${ms(slowest)} ms`,
    ...errors.slice(0, MOST_DETAILS),
  ].join('\n');
}

/** Each broken rule with how often, and some of the cases. */
export function violationLines(violations: readonly Violation[]): string {
  const rules = [...new Set(violations.map(({ rule }) => rule))];
  return rules
    .map((rule) => {
      const details = violations.filter((one) => one.rule === rule).map(({ detail }) => `  ${detail}`);
      const rest = details.length > MOST_DETAILS ? [`  ... and ${details.length - MOST_DETAILS} more`] : [];
      return [`violated, ${details.length} times: ${rule}`, ...details.slice(0, MOST_DETAILS), ...rest].join('\n');
    })
    .join('\n');
}

/** What came later than it should, each in a line. */
export function lateLines(recoveries: readonly Recovery[]): string {
  const lines = recoveries.flatMap(({ kind, late }) =>
    late.map(({ partition, reader, ms, from }) => {
      const what = reader === null ? 'acknowledgement' : `record read by ${reader}`;
      return `${kind}: ${partition}, there at ${(from / 1000).toFixed(1)} s: ${what} after ${ms.toFixed(0)} ms`;
    }),
  );
  return lines.length > 0 ? lines.join('\n') : `all within ${TARGET_MS} ms`;
}
