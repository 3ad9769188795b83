// "Did you mean ...?": the known name that a wrong one was probably meant to be.

/** So many letters may be wrong, missing or too many. */
const MOST_WRONG = 2;
/** The first letters alone say enough from here on: `linger` is `lingerMs`. */
const TELLING = 4;

/** What other clients call it. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['bootstrapservers', 'brokers'],
  ['bootstrap', 'brokers'],
  ['ssl', 'tls'],
  ['frombeginning', 'startAt'],
  ['autooffsetreset', 'startAt'],
  ['autocommit', 'commit'],
  ['isolationlevel', 'isolation'],
  ['rebalancetimeout', 'maxProcessingMs'],
  ['maxpollintervalms', 'maxProcessingMs'],
  ['createpartitioner', 'partitioner'],
  ['numpartitions', 'partitions'],
  ['configentries', 'configs'],
  ['replicaassignment', 'assignments'],
  ['name', 'topic'],
]);

/** @returns undefined when nothing is near */
export function nearName(wrong: string, known: readonly string[]): string | undefined {
  const low = wrong.toLowerCase();
  const elsewhere = ELSEWHERE.get(low);
  const same = known.find((name) => name.toLowerCase() === low);
  if (same !== undefined) return same;
  if (elsewhere !== undefined && known.includes(elsewhere)) return elsewhere;
  if (wrong.length >= TELLING && wrong.length <= 100) {
    const longer = known.find((name) => name.toLowerCase().startsWith(low) || low.startsWith(name.toLowerCase()));
    if (longer !== undefined) return longer;
  }
  return nearest(low, known);
}

/** ` (did you mean brokers?)`, or nothing. */
export function didYouMean(wrong: string, known: readonly string[]): string {
  const near = nearName(wrong, known);
  return near === undefined ? '' : ` (did you mean ${near}?)`;
}

function nearest(low: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(MOST_WRONG, Math.floor(low.length / 3)) + 1;
  for (const name of known) {
    if (Math.abs(name.length - low.length) >= least) continue;
    const wrong = distance(low, name.toLowerCase());
    if (wrong < least) [best, least] = [name, wrong];
  }
  return best;
}

/** Levenshtein's. Only for names of nearly the same length. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
