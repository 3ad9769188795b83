// The workloads: what each client does, and which figures come of it. `client` is an adapter out of `clients/`.
//
// A workload is warmed up by the same loop before it is measured, where that is possible; connecting, joining a group and
// closing are outside. `figures` says which of what `run` returns is compared, and whether more of it is better.

import { concurrent, sequential } from './workloads/awaited.mjs';
import { batches } from './workloads/batches.mjs';
import { drain } from './workloads/drain.mjs';
import { endToEnd } from './workloads/end-to-end.mjs';
import { flood } from './workloads/flood.mjs';
import { importing } from './workloads/importing.mjs';

const rate = { name: 'rate', title: 'records/s', unit: '1/s', better: 'more' };
const p50 = { name: 'p50', title: 'p50 ms', unit: 'ms', better: 'less' };
const p99 = { name: 'p99', title: 'p99 ms', unit: 'ms', better: 'less' };

export const workloads = [
  {
    id: 'P-seq-3',
    title: 'awaited single sends of 3 B',
    partitions: 1,
    figures: [rate, p50, p99],
    run: sequential({ bytes: 3 }),
  },
  {
    id: 'P-seq-256',
    title: 'awaited single sends of 256 B',
    partitions: 1,
    figures: [rate, p50, p99],
    run: sequential({ bytes: 256 }),
  },
  {
    id: 'P-batch-100',
    title: 'awaited sends of 1,000 × 100 B, 10 partitions in turn',
    partitions: 10,
    figures: [rate, p50, p99],
    run: batches({ records: 1000, bytes: 100 }),
  },
  {
    id: 'P-batch-1k',
    title: 'awaited sends of 1,000 × 1 KiB, 10 partitions in turn',
    partitions: 10,
    figures: [rate, p50, p99],
    run: batches({ records: 1000, bytes: 1024 }),
  },
  {
    id: 'P-flood-1',
    title: 'sends of 256 B without waiting, at most 10,000 open, 1 partition',
    partitions: 1,
    figures: [rate],
    run: flood({ bytes: 256, partitions: 1 }),
  },
  {
    id: 'P-flood-10',
    title: 'sends of 256 B without waiting, at most 10,000 open, 10 partitions in turn',
    partitions: 10,
    figures: [rate],
    run: flood({ bytes: 256, partitions: 10 }),
  },
  {
    id: 'P-conc',
    title: '64 callers awaiting single sends of 256 B, 10 partitions, the client chooses',
    partitions: 10,
    figures: [rate, p50, p99],
    run: concurrent({ bytes: 256, callers: 64 }),
  },
  {
    id: 'C-drain-record',
    title: 'backlog of 1 M × 100 B, 10 partitions, record by record',
    backlog: true,
    figures: [rate],
    run: drain({ way: 'record' }),
  },
  {
    id: 'C-drain-batch',
    title: 'backlog of 1 M × 100 B, 10 partitions, batch by batch',
    backlog: true,
    figures: [rate],
    run: drain({ way: 'batch' }),
  },
  {
    id: 'E2E',
    title: '10 records each 10 ms, from the call of send to the loop',
    partitions: 1,
    figures: [p50, p99],
    run: endToEnd({ records: 10, everyMs: 10, bytes: 100 }),
  },
  {
    id: 'import',
    title: 'ms that importing takes above bare Node',
    figures: [{ name: 'ms', title: 'ms', unit: 'ms', better: 'less' }],
    run: importing,
  },
];
