// What may never happen, whatever the weather: judged in the end, by the logs and by what the client has told.
import type { Ledger } from './ledger.ts';
import type { Logs } from './log.ts';
import { laneOf } from './workload.ts';

/** One broken rule. */
export interface Violation {
  readonly rule: string;
  readonly detail: string;
}

export interface Totals {
  readonly acknowledged: number;
  readonly refusedForSure: number;
  readonly refusedPerhaps: number;
  readonly inLog: number;
  readonly lost: number;
  readonly outOfOrder: number;
  readonly twiceInLog: number;
  readonly delivered: ReadonlyMap<string, number>;
  readonly notDelivered: number;
  readonly deliveredAgain: number;
}

export interface Judgement {
  readonly totals: Totals;
  readonly violations: readonly Violation[];
}

export function judge(ledger: Ledger, logs: Logs): Judgement {
  const order = orderIn(logs);
  const lost = lostAcknowledgements(ledger, logs);
  const missing = notDelivered(ledger, logs);
  const refusals = [...ledger.refused.values()];
  return {
    totals: {
      acknowledged: ledger.acknowledged.size,
      refusedForSure: refusals.filter(({ outcome }) => outcome === 'no').length,
      refusedPerhaps: refusals.filter(({ outcome }) => outcome === 'unknown').length,
      inLog: order.found.size,
      lost: lost.length,
      outOfOrder: order.outOfOrder.length,
      twiceInLog: order.twice.length,
      delivered: ledger.delivered,
      notDelivered: missing.length,
      deliveredAgain: ledger.duplicatesAt.length,
    },
    violations: [
      ...lost,
      ...order.outOfOrder,
      ...order.twice,
      ...refusedButThere(ledger, order.found),
      ...missing,
      ...wronglyDelivered(ledger, logs),
      ...ledger.stepsBack.map(({ reader, member, partition, from, to }) => ({
        rule: 'a reader goes back only when its partitions changed',
        detail: `${reader}/${member} ${partition}: ${to} after ${from}`,
      })),
      ...ledger.loopsEnded.map(({ reader, member, reason }) => ({
        rule: 'a loop does not end by itself',
        detail: `${reader}/${member}: ${reason}`,
      })),
    ],
  };
}

interface Order {
  /** Everything that is in some log. */
  readonly found: ReadonlySet<string>;
  readonly outOfOrder: readonly Violation[];
  readonly twice: readonly Violation[];
}

/** Within a lane sequence numbers ascend; some may be absent. */
function orderIn(logs: Logs): Order {
  const found = new Set<string>();
  const last = new Map<string, number>();
  const outOfOrder: Violation[] = [];
  const twice: Violation[] = [];
  for (const [partition, records] of logs) {
    for (const { id, offset } of records) {
      const [lane, sequence] = laneOf(id);
      const before = last.get(lane) ?? -1;
      const detail = `${partition}@${offset}: ${id}`;
      if (found.has(id)) twice.push({ rule: 'a record is in the log once', detail });
      else if (sequence < before)
        outOfOrder.push({ rule: 'records of a key are in order', detail: `${detail} after ${lane}/${before}` });
      found.add(id);
      last.set(lane, Math.max(before, sequence));
    }
  }
  return { found, outOfOrder, twice };
}

/** It has to lie where the acknowledgement said, if it said so. */
function lostAcknowledgements({ acknowledged }: Ledger, logs: Logs): Violation[] {
  const rule = 'what is acknowledged is in the log';
  const at = new Map([...logs].map(([name, records]) => [name, new Map(records.map((r) => [r.offset, r.id]))]));
  const names = new Map([...logs].map(([name, records]) => [name, new Set(records.map(({ id }) => id))]));
  const lost: Violation[] = [];
  for (const [id, { partition, offset }] of acknowledged) {
    if (offset >= 0 ? at.get(partition)?.get(offset) === id : names.get(partition)?.has(id)) continue;
    lost.push({ rule, detail: `${id}, acknowledged at ${partition}@${offset}` });
  }
  return lost;
}

function refusedButThere({ refused }: Ledger, found: ReadonlySet<string>): Violation[] {
  const rule = 'what the client says is not delivered is not in the log';
  return [...refused]
    .filter(([id, { outcome }]) => outcome === 'no' && found.has(id))
    .map(([id, { reason }]) => ({ rule, detail: `${id}: ${reason}` }));
}

/** Every reader has to get everything that is in the logs. */
function notDelivered({ reads }: Ledger, logs: Logs): Violation[] {
  const rule = 'every reader gets every record';
  const missing: Violation[] = [];
  for (const [reader, partitions] of reads) {
    for (const [name, records] of logs) {
      const got = partitions.get(name)?.ids;
      for (const { offset, id } of records) {
        if (!got?.has(offset)) missing.push({ rule, detail: `${reader} misses ${name}@${offset}: ${id}` });
      }
    }
  }
  return missing;
}

function wronglyDelivered({ reads }: Ledger, logs: Logs): Violation[] {
  const rule = 'what is read is what is in the log';
  const wrong: Violation[] = [];
  for (const [reader, partitions] of reads) {
    for (const [name, { ids }] of partitions) {
      const log = new Map(logs.get(name)?.map(({ offset, id }) => [offset, id]));
      for (const [offset, id] of ids) {
        if (log.get(offset) === id) continue;
        wrong.push({ rule, detail: `${reader} read ${id} at ${name}@${offset}, where ${log.get(offset)} is` });
      }
    }
  }
  return wrong;
}
