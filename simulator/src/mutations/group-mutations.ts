// Faults of a group's member, of connections and of attempts.
import type { Mutation } from './mutation.ts';

export const groupMutations: readonly Mutation[] = [
  {
    name: 'shared connections',
    wrong:
      'All consumers of a client share one connection to a coordinator: they wait for each other, and one closes it.',
    patches: [
      {
        file: 'cluster/broker.ts',
        find: '    return this.#slots.get(owner) ?? this.#addSlot(owner);',
        replace: `    for (const [other, slot] of this.#slots) if (other.name === owner.name) return slot;
    return this.#addSlot(owner);`,
      },
    ],
    rules: [
      'everything progresses',
      'loops get over trouble',
      'settles by its deadline',
      'nothing is left',
      'one owner',
    ],
    seeds: [1, 4, 2],
  },
  {
    name: 'given back, but kept',
    wrong: 'Partitions that were given back are read on.',
    patches: [
      {
        file: 'consumer/ownership.ts',
        find: '    this.#drop(partitions);\n    commits.giveBack(partitions);\n',
        replace: `    for (const partition of partitions) partition.hold = null;
    commits.giveBack(partitions);
`,
      },
    ],
    rules: ['one owner', 'the log in order', 'commits do not go back', 'commits follow what was done'],
    seeds: [4, 2, 5],
  },
  {
    name: 'joined again at once',
    wrong: 'A member that lost its partitions joins while the body is at work, and what that commits sets others back.',
    patches: [
      {
        file: 'group/classic.ts',
        find: '    await this.#calls.ended(this.#handler.userCodeEnded(), this.#closing.signal);\n',
        replace: '',
      },
      {
        file: 'consumer/commits.ts',
        find: "    if (partition === undefined) return isMember() ? 'not ours' : null;",
        replace: '    if (partition === undefined && isMember !== null) return null;',
      },
    ],
    rules: ['commits do not go back', 'commits follow what was done', 'one owner'],
    seeds: [33, 196],
  },
  {
    name: 'a few heartbeats',
    wrong: 'Heartbeats are sent once a session: the group gives its members up while their bodies work.',
    patches: [
      {
        file: 'group/heartbeats.ts',
        find: 'Math.min(heartbeatIntervalMs, this.#attemptMs) -',
        replace: 'Math.max(heartbeatIntervalMs, this.#options.sessionTimeoutMs) -',
      },
      {
        file: 'group/heartbeats.ts',
        find: 'Math.max(0, Math.min(wantedMs, this.#leftMs));',
        replace: 'Math.max(0, wantedMs);',
      },
    ],
    rules: ['one owner', 'everything progresses', 'loops get over trouble'],
    seeds: [2, 42, 74],
  },
  {
    name: 'commit does not keep its time',
    wrong: 'commit() waits for as long as the coordinator takes.',
    patches: [
      {
        file: 'group/commit-call.ts',
        find: 'expireAfter(timeoutMs, () =>',
        replace: 'expireAfter(10 * timeoutMs, () =>',
      },
      {
        file: 'consumer/consumer.ts',
        find: 'await waitFor(this.#parts.commits.commit(',
        replace: 'await ((work: Promise<void>, ..._: unknown[]) => work)(this.#parts.commits.commit(',
      },
    ],
    rules: ['settles by its deadline'],
    seeds: [33, 23, 25],
  },
  {
    name: 'nobody leaves',
    wrong: 'A consumer that is closed does not tell its group.',
    patches: [
      {
        file: 'group/classic.ts',
        find: `if (memberId === '' || this.#options.groupInstanceId !== null) return;`,
        replace: 'if (memberId !== null) return;',
      },
    ],
    rules: ['nothing is left'],
    seeds: [1, 4, 2],
  },
  {
    name: 'hardly a pause between attempts',
    wrong: 'What failed is tried again a millisecond later, for as long as it fails.',
    patches: [
      {
        file: 'util/backoff.ts',
        find: 'return ceiling * (0.1 + 0.9 * this.#random());',
        replace: 'return ceiling * this.#random() < 0 ? 0 : 1;',
      },
    ],
    rules: ['no storm', 'everything ends'],
    seeds: [34, 25, 12],
  },
];
