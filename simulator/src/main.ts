import { simulate } from './simulation.ts';

const [from = 1, to = from] = (process.argv[2] ?? '1').split('-').map(Number);
const isVerbose = process.argv.includes('-v');
const start = process.cpuUsage();
let virtual = 0;
let bad = 0;
const rules = new Map<string, number[]>();
let requests = 0;
for (let seed = from; seed <= to; seed++) {
  const t = process.cpuUsage();
  const r = await simulate(seed, isVerbose ? { live: console.log } : {});
  const c = process.cpuUsage(t);
  virtual += r.virtualMs;
  requests += r.requests;
  if (to - from < 20) console.log(seed, r.violation?.rule ?? 'ok', `virtual ${(r.virtualMs / 1000).toFixed(0)} s, ${r.events} events, ${r.requests} requests, ${r.acknowledged}/${r.records} records, cpu ${((c.user + c.system) / 1000).toFixed(0)} ms`, r.digest.slice(0, 8));
  if (r.violation) {
    bad++;
    const l = rules.get(r.violation.rule) ?? []; l.push(seed); rules.set(r.violation.rule, l);
    if (to - from < 20) console.log('   ', r.violation.text.split('\n').slice(0, 12).join('\n    '));
    if (process.argv.includes('-t')) console.log(r.tail.slice(-Number(process.argv[process.argv.indexOf('-t') + 1])).join('\n'));
  }
}
const c = process.cpuUsage(start);
console.log(`${bad} bad; virtual hours ${(virtual / 3600000).toFixed(2)}, requests ${requests}, cpu s ${((c.user + c.system) / 1e6).toFixed(1)}`);
for (const [rule, seeds] of rules) console.log(rule, seeds.length, seeds.slice(0, 12).join(' '));
process.exit(bad ? 1 : 0);
