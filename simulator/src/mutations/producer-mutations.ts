// Faults of the producer.
import type { Mutation } from './mutation.ts';

export const producerMutations: readonly Mutation[] = [
  {
    name: 'new numbers at a retry',
    wrong: 'A batch that is sent again gets new sequence numbers: if the first attempt was written, it is there twice.',
    patches: [
      {
        file: 'producer/partition-queue.ts',
        find: 'if (!this.identity || batch.identity) return;',
        replace: 'if (!this.identity) return;',
      },
    ],
    rules: ['once', 'in order'],
    seeds: [14, 9, 30, 11],
  },
  {
    name: 'a retry goes to the end',
    wrong: 'A batch that is sent again loses its place before those that were taken in after it.',
    patches: [
      {
        file: 'producer/partition-queue.ts',
        find: 'batch.waitsIn = this.waiting.insertBefore(next, batch);',
        replace: 'batch.waitsIn = this.waiting.push(batch);',
      },
    ],
    rules: ['in order', 'once'],
    seeds: [33, 46, 48],
  },
  {
    name: 'numbers are used again',
    wrong:
      'A batch was given up that the broker may have, and the next one gets its numbers: it is taken for the same.',
    patches: [
      {
        file: 'producer/partition-queue.ts',
        find: `    this.identity = null;
    return true;`,
        replace: `    this.#nextSequence = batch.baseSequence;
    return false;`,
      },
    ],
    rules: ['acknowledged is written', 'in order', 'once'],
    seeds: [19, 36, 51, 93],
  },
  {
    name: 'a lost answer means no',
    wrong: 'The answer did not come, and callers are told that the record is not written.',
    patches: [
      {
        file: 'producer/batch-fate.ts',
        find: 'if (hasLeft) batch.isUnsure = true;',
        replace: '',
      },
    ],
    rules: ['not written is not written', 'acknowledged is written', 'in order', 'once'],
    seeds: [58, 79, 88],
  },
  {
    name: "a listener on the caller's signal",
    wrong: 'A send that is settled leaves its listener on the signal of its caller.',
    patches: [{ file: 'producer/withdrawals.ts', find: '      stop?.();\n', replace: '' }],
    rules: ['leaves no listener'],
    seeds: [2, 3, 1],
  },
  {
    name: 'send does not keep its time',
    wrong: 'A caller who gave send() some time of his own waits for as long as the record is delivered or given up.',
    patches: [
      {
        file: 'producer/withdrawals.ts',
        find: 'expireAfter(timeoutMs, late);',
        replace: 'expireAfter(1_000_000 + timeoutMs, late);',
      },
    ],
    rules: ['settles by its deadline'],
    seeds: [9, 4, 6],
  },
];
