// Faults of the consumer, beside its group.
import type { Mutation } from './mutation.ts';

export const consumerMutations: readonly Mutation[] = [
  {
    name: 'answers of former incarnations',
    wrong: 'What was fetched for the place before a seek or a reset is handed out after it.',
    patches: [
      {
        file: 'consumer/fetcher.ts',
        find: `  if (partition.incarnation !== incarnation) return false;
  return partition.place.name === 'placed' && partition.place.fetchOffset === wanted.fetchOffset;`,
        replace: `  return incarnation >= 0 && wanted.fetchOffset >= 0n && partition.place.name === 'placed';`,
      },
    ],
    rules: ['the log in order'],
    seeds: [19, 4, 2],
  },
  {
    name: 'a cut log is read on',
    wrong: 'A leader says that the log was cut below what was read, and reading goes on as if it had not.',
    patches: [
      {
        file: 'consumer/fetch-outcome.ts',
        find: '    if (divergingEpoch.endOffset < wanted.fetchOffset) truncated(context, partition, divergingEpoch);\n    else partition',
        replace: '    partition',
      },
    ],
    rules: ['the log in order', 'everything progresses'],
    seeds: [46, 11, 75, 90, 76],
  },
  {
    name: 'commits what is in hand',
    wrong: 'The position is committed, so that what the body works on is taken for done.',
    patches: [
      {
        file: 'consumer/progress.ts',
        find: 'return this.#marks?.get(first)?.upTo ?? first.offset;',
        replace: 'return this.position;',
      },
    ],
    rules: ['commits follow what was done'],
    seeds: [2, 4, 1],
  },
  {
    name: 'a reset without event',
    wrong: 'The position is moved, and nobody is told.',
    patches: [
      {
        file: 'consumer/placer.ts',
        find: 'if (why !== null && (target.offset !== from || isAnother)) moved',
        replace: 'if (why !== null && target.offset < 0n) moved',
      },
    ],
    rules: ['the log in order', 'commits follow what was done', 'commits do not go back'],
    seeds: [65, 208, 24],
  },
  {
    name: 'a timer after close',
    wrong: 'The timer of commits in the background goes on when the consumer is closed.',
    patches: [
      {
        file: 'consumer/commits.ts',
        find: '    clock.clearTimer(this.#timer);\n    this.#timer = null;',
        replace: '    this.#timer = null;',
      },
    ],
    rules: ['nothing is left'],
    seeds: [1, 4, 2],
  },
  {
    name: 'close hands out more',
    wrong: 'After close() was called, what is buffered is still handed out.',
    patches: [{ file: 'consumer/closing.ts', find: '    parts.engine.stop();\n', replace: '' }],
    rules: ['nothing after close'],
    seeds: [4, 15, 2],
  },
  {
    name: 'close does not keep its time',
    wrong: 'close() waits for the body, commits and leaves for as long as that takes.',
    patches: [
      { file: 'consumer/closing.ts', find: '    this.#end.by(deadline.at, reason);\n', replace: '' },
      {
        file: 'consumer/closing.ts',
        find: 'this.#body.by(deadline.at - Math.min(MOST_RESERVE_MS, timeoutMs * RESERVE_SHARE), reason);',
        replace: 'this.#body.by(deadline.at + 10 * MOST_RESERVE_MS * RESERVE_SHARE, reason);',
      },
    ],
    rules: ['settles by its deadline'],
    seeds: [4, 2, 8],
  },
  {
    name: 'an old leader is asked for ever',
    wrong: 'A broker says that it does not lead the partition, and metadata is not asked for again.',
    patches: [
      {
        file: 'consumer/leader-watch.ts',
        find: 'this.#running !== null || !this.#context.isRunning()',
        replace: 'this.#context.signal !== null || !this.#context.isRunning()',
      },
    ],
    rules: ['everything progresses'],
    seeds: [37, 30, 19, 36],
  },
  {
    name: 'the epoch of the fetch before',
    wrong: 'A loop that is left within a fetch commits the leader epoch of the fetch before it.',
    patches: [
      {
        file: 'consumer/epochs.ts',
        find: '    return this.#spans.findLast(({ from }) => from < offset)?.epoch ?? -1;',
        replace: '    return this.#spans.find(({ from }) => from < offset)?.epoch ?? -1;',
      },
    ],
    rules: ['a cut log was cut', 'commits do not go back', 'loops get over trouble'],
    seeds: [10, 68, 81],
  },
];
