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
    seeds: [],
  },
  {
    name: 'a topic made anew is read on',
    wrong: 'A topic that was deleted and made anew under its name is read on at the old offset, and nobody is told.',
    patches: [
      {
        file: 'consumer/topic-identity.ts',
        find: 'return topic.topicId !== partition.topicId;',
        replace: 'return false;',
      },
    ],
    rules: ['the log in order', 'everything progresses', 'commits follow what was done'],
    seeds: [],
  },
  {
    name: 'a cut log is read on',
    wrong: 'A leader says that the log was cut below what was read, and reading goes on as if it had not.',
    patches: [
      {
        file: 'consumer/fetch-outcome.ts',
        find: '    truncated(context, partition, divergingEpoch);\n    return;\n',
        replace: '    asked.wanted.lastFetchedEpoch = -1;\n',
      },
    ],
    rules: ['the log in order', 'everything progresses'],
    seeds: [],
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
    seeds: [],
  },
  {
    name: 'what is lost of commits is not ordered',
    wrong: 'A commit that failed late replaces a newer one in what is remembered, so that offsets go back.',
    patches: [{ file: 'consumer/commits.ts', find: 'if (!isOlder) this.#remembered', replace: 'this.#remembered' }],
    rules: ['commits do not go back', 'commits follow what was done', 'the log in order'],
    seeds: [],
  },
  {
    name: 'a reset without event',
    wrong: 'The position is moved, and nobody is told.',
    patches: [
      {
        file: 'consumer/placer.ts',
        find: 'if (place.why !== null && target.offset !== place.from) {',
        replace: 'if (place.why !== null && target.offset < 0n) {',
      },
    ],
    rules: ['the log in order', 'commits follow what was done', 'commits do not go back'],
    seeds: [],
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
    seeds: [],
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
    seeds: [],
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
    seeds: [],
  },
];
