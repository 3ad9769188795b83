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
    seeds: [],
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
    seeds: [],
  },
  {
    name: 'a new id instead of the next epoch',
    wrong: 'Numbers are lost, and a new producer id is taken: what is on its way under the old one is still accepted.',
    patches: [
      {
        file: 'producer/idempotence.ts',
        find: 'producerEpoch < LAST_EPOCH ? { producerId, producerEpoch: producerEpoch + 1 } : null;',
        replace: 'producerEpoch < 0 ? { producerId, producerEpoch } : null;',
      },
    ],
    rules: ['in order', 'once'],
    seeds: [],
  },
  {
    name: 'the first batch does not go alone',
    wrong: 'Before anything of an identity was acknowledged, a second batch may overtake a first one that was refused.',
    patches: [
      {
        file: 'producer/partition-queue.ts',
        find: 'rules.idempotence && !this.#isEstablished)',
        replace: 'rules.idempotence && this.#capacity < 0)',
      },
    ],
    rules: ['in order', 'once'],
    seeds: [],
  },
  {
    name: 'more than five behind an unanswered one',
    wrong: 'Batches go on behind one whose answer was lost, until the broker does not recognise it any more.',
    patches: [
      {
        file: 'producer/partition-queue.ts',
        find: 'order.at - earlier.order.at >= maxInFlight',
        replace: 'order.at - earlier.order.at >= 1000 * maxInFlight',
      },
    ],
    rules: ['once', 'in order'],
    seeds: [],
  },
  {
    name: 'a lost answer means no',
    wrong: 'The answer did not come, and callers are told that the record is not written.',
    patches: [
      {
        file: 'producer/batch-fate.ts',
        find: 'if (isGarbled || isSent) batch.isUnsure = true;',
        replace: '',
      },
    ],
    rules: ['not written is not written', 'in order', 'once'],
    seeds: [],
  },
  {
    name: 'no pause between attempts',
    wrong: 'What failed is sent again at once, for as long as it fails.',
    patches: [
      {
        file: 'producer/batch-fate.ts',
        find: 'queue.retryAtMs = nowMs + this.#backoff.delay(batch.attempts);',
        replace: 'queue.retryAtMs = nowMs;',
      },
    ],
    rules: ['no storm', 'everything ends'],
    seeds: [],
  },
  {
    name: "a listener on the caller's signal",
    wrong: 'A send that is settled leaves its listener on the signal of its caller.',
    patches: [{ file: 'producer/withdrawals.ts', find: '      stop?.();\n', replace: '' }],
    rules: ['leaves no listener'],
    seeds: [],
  },
];
