// The matrix as Markdown, whole: what it means, the table, and a line for each hole and each error.
import { type AnyApi, apis } from '@hopwire/protocol';
import { knownHole } from './known-holes.ts';
import { type Cell, type Column, commonVersions } from './matrix.ts';

/** Why a broker does not advertise an API that it has. */
const NOT_ADVERTISED: Readonly<Record<string, string>> = {
  GetTelemetrySubscriptions: 'only with a metrics reporter that takes telemetry of clients (KIP-714)',
  PushTelemetry: 'only with a metrics reporter that takes telemetry of clients (KIP-714)',
};

const INTRODUCTION = `# What real brokers made of it

One sensible request for every API in every version that hopwire and the broker have in common: the versions listed were
answered, the answer was read whole, and written again it is the same bytes. An error code is an answer too; those met
when this was written are listed. Written by \`pnpm matrix\`; a test asks again and compares.
`;

/** @param columns one for each broker */
export function documentOf(columns: readonly Column[]): string {
  return `${INTRODUCTION}\n${table(columns)}\n\n${notes(columns)}`;
}

function table(columns: readonly Column[]): string {
  const head = ['key', 'API', 'ours', ...columns.map(({ broker }) => broker)];
  const rows = apis.map((api) => [
    String(api.key),
    api.name,
    range(api.versions),
    ...columns.map((c) => entry(api, c)),
  ]);
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}

function entry(api: AnyApi, column: Column): string {
  if (!column.advertised.has(api.key)) return 'not advertised';
  const versions = cellsOf(api, column).filter(({ isSameAgain }) => isSameAgain);
  return versions.length === 0 ? 'no version' : versionsText(versions.map(({ version }) => version));
}

function cellsOf(api: AnyApi, column: Column): Cell[] {
  return column.cells.filter((cell) => cell.api === api);
}

/** Ranges of what follows upon each other: `v0-2, v5`. */
function versionsText(versions: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const version of versions) {
    const last = ranges.at(-1);
    if (last && last[1] === version - 1) last[1] = version;
    else ranges.push([version, version]);
  }
  return ranges.map(range).join(', ');
}

function range([first, last]: readonly [number, number]): string {
  return first === last ? `v${first}` : `v${first}-${last}`;
}

function notes(columns: readonly Column[]): string {
  const sections = columns.map((column) => [`## ${column.broker}`, ...bullets(column)].join('\n\n'));
  return `${sections.join('\n\n')}\n`;
}

function bullets(column: Column): string[] {
  const lists = [
    ['Holes', holes(column)],
    ['Errors among the answers', errors(column)],
  ] as const;
  return lists.map(
    ([title, lines]) => `${title}:\n\n${(lines.length ? lines : ['none']).map((l) => `- ${l}`).join('\n')}`,
  );
}

function holes(column: Column): string[] {
  const failed = column.cells.filter(({ isSameAgain }) => !isSameAgain);
  const broken = failed.map((cell) => {
    const reason = knownHole(column.broker, cell) ?? cell.failure ?? 'other bytes when written again';
    return `${cell.api.name} v${cell.version}: ${reason}`;
  });
  return [...apis.flatMap((api) => absence(api, column)), ...broken];
}

function absence(api: AnyApi, column: Column): string[] {
  const theirs = column.advertised.get(api.key);
  if (!theirs) return [`${api.name}: not advertised${NOT_ADVERTISED[api.name] ? `, ${NOT_ADVERTISED[api.name]}` : ''}`];
  const common = commonVersions(api, theirs);
  const missing = commonVersions(api, api.versions).filter((version) => !common.includes(version));
  return missing.length === 0 ? [] : [`${api.name} ${versionsText(missing)}: not advertised`];
}

function errors(column: Column): string[] {
  return apis.flatMap((api) => {
    const names = new Set(cellsOf(api, column).flatMap((cell) => cell.errors));
    return names.size === 0 ? [] : [`${api.name} answers ${[...names].join(', ')}`];
  });
}
