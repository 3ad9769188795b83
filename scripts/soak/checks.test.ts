import { describe, expect, it } from 'vitest';
import { judge } from './checks.ts';
import { Ledger } from './ledger.ts';
import type { Logs } from './log.ts';
import type { SoakEvent } from './messages.ts';
import { READERS } from './workload.ts';

const P = 'soak-lanes[0]';
const place = { topic: 'soak-lanes', partition: 0 };
const log = (...ids: string[]): Logs => new Map([[P, ids.map((id, offset) => ({ id, offset, epoch: 0 }))]]);
const acknowledged = (id: string, offset: number): SoakEvent => ({ kind: 'acknowledged', at: 0, id, ...place, offset });
const read = (reader: string, id: string, offset: number, member = 0): SoakEvent => {
  return { kind: 'read', at: offset, reader, member, ...place, offset, id };
};
const readByAll = (...ids: string[]): SoakEvent[] =>
  ids.flatMap((id, offset) => READERS.map((reader) => read(reader, id, offset)));

function rulesBrokenBy(logs: Logs, ...events: SoakEvent[]): string[] {
  const ledger = new Ledger();
  for (const event of events) ledger.note(event);
  return [...new Set(judge(ledger, logs).violations.map(({ rule }) => rule))];
}

describe('the judgement', () => {
  it('has nothing to say when everything is there, once, in order, and read by all', () => {
    const events = [acknowledged('c/p0/0', 0), acknowledged('c/p0/1', 1), ...readByAll('c/p0/0', 'c/p0/1')];
    expect(rulesBrokenBy(log('c/p0/0', 'c/p0/1'), ...events)).toEqual([]);
  });

  it('misses what was acknowledged and is not there, or lies elsewhere', () => {
    const rule = ['what is acknowledged is in the log'];
    expect(rulesBrokenBy(log('c/p0/0'), acknowledged('c/p0/1', 1), ...readByAll('c/p0/0'))).toEqual(rule);
    expect(rulesBrokenBy(log('c/p0/0'), acknowledged('c/p0/0', 7), ...readByAll('c/p0/0'))).toEqual(rule);
    expect(rulesBrokenBy(log('c/p0/0'), acknowledged('c/p0/0', -1), ...readByAll('c/p0/0'))).toEqual([]);
  });

  it('sees records of a key out of order, and twice, but not those of two keys', () => {
    const swapped = ['c/p0/1', 'c/p0/0'];
    expect(rulesBrokenBy(log(...swapped), ...readByAll(...swapped))).toEqual(['records of a key are in order']);
    const twice = ['c/p0/0', 'c/p0/0'];
    expect(rulesBrokenBy(log(...twice), ...readByAll(...twice))).toEqual(['a record is in the log once']);
    const two = ['a/k0/5', 'a/k1/0'];
    expect(rulesBrokenBy(log(...two), ...readByAll(...two))).toEqual([]);
  });

  it('sees what the client called not delivered and is there; of what it does not know both is right', () => {
    const failed = (outcome: 'no' | 'unknown'): SoakEvent => {
      return { kind: 'failed', at: 0, id: 'c/p0/0', outcome, reason: 'late' };
    };
    const logs = log('c/p0/0');
    expect(rulesBrokenBy(logs, failed('unknown'), ...readByAll('c/p0/0'))).toEqual([]);
    expect(rulesBrokenBy(logs, failed('no'), ...readByAll('c/p0/0'))).toEqual([
      'what the client says is not delivered is not in the log',
    ]);
  });

  it('names the reader that did not get a record, whoever else did', () => {
    const [first, ...others] = READERS;
    const events = others.map((reader) => read(reader, 'c/p0/0', 0));
    expect(rulesBrokenBy(log('c/p0/0'), ...events)).toEqual(['every reader gets every record']);
    expect(rulesBrokenBy(log('c/p0/0'), ...events, read(first ?? '', 'c/p0/0', 0))).toEqual([]);
  });

  it('sees that something else was read than is there', () => {
    const events = [...readByAll('c/p0/0'), read('manual', 'c/p0/9', 3)];
    expect(rulesBrokenBy(log('c/p0/0'), ...events)).toEqual(['what is read is what is in the log']);
  });

  it('lets a member read again after its partitions changed, and not otherwise', () => {
    const logs = log('c/p0/0', 'c/p0/1');
    const events = readByAll('c/p0/0', 'c/p0/1');
    const again = read('soak-first', 'c/p0/0', 0);
    const change: SoakEvent = {
      kind: 'reassigned',
      at: 2,
      reader: 'soak-first',
      member: 0,
      phase: 'lost',
      partitions: [place],
    };
    expect(rulesBrokenBy(logs, ...events, again)).toEqual(['a reader goes back only when its partitions changed']);
    expect(rulesBrokenBy(logs, ...events, change, again)).toEqual([]);
    expect(rulesBrokenBy(logs, ...events, read('soak-first', 'c/p0/0', 0, 1))).toEqual([]);
  });
});
