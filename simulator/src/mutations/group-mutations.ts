// Faults of a group's member, and of connections.
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
    seeds: [],
  },
  {
    name: 'given back, but kept',
    wrong: 'Partitions that were given back are read on.',
    patches: [
      {
        file: 'consumer/ownership.ts',
        find: '    await this.#tell(hooks.onRevoked, partitions, enough);\n    this.#drop(partitions);\n',
        replace: `    await this.#tell(hooks.onRevoked, partitions, enough);
    for (const partition of partitions) partition.hold = null;
`,
      },
    ],
    rules: ['one owner', 'the log in order', 'commits do not go back', 'commits follow what was done'],
    seeds: [],
  },
  {
    name: 'a few heartbeats',
    wrong: 'Heartbeats are sent once a session: the group gives its members up while their bodies work.',
    patches: [
      {
        file: 'group/heartbeats.ts',
        find: 'Math.min(heartbeatIntervalMs, sessionTimeoutMs / ATTEMPTS_A_SESSION);',
        replace: 'Math.max(heartbeatIntervalMs, sessionTimeoutMs);',
      },
    ],
    rules: ['one owner', 'everything progresses', 'loops get over trouble'],
    seeds: [],
  },
  {
    name: 'handed out without certainty',
    wrong: 'After a process stood still for a session, it hands out what others may have by now.',
    patches: [
      {
        file: 'consumer/consumer.ts',
        find: 'this.#membership?.isCertain === false;',
        replace: 'false;',
      },
    ],
    rules: ['one owner'],
    seeds: [],
  },
  {
    name: 'a lost session is kept',
    wrong: 'Nothing was heard of the coordinator for a session, and the partitions are kept.',
    patches: [
      {
        file: 'group/heartbeats.ts',
        find: 'throw this.#sessionOver();',
        replace: 'this.#provenAt = clock.now();',
      },
    ],
    rules: ['one owner'],
    seeds: [],
  },
  {
    name: 'revocation without end',
    wrong: 'A body that takes longer than maxProcessingMs keeps its partitions while others have them.',
    patches: [
      {
        file: 'group/generation.ts',
        find: `      this.end('overdue', 'handling took longer than maxProcessingMs'),`,
        replace: '      undefined,',
      },
    ],
    rules: ['one owner'],
    seeds: [],
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
    ],
    rules: ['settles by its deadline'],
    seeds: [],
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
    seeds: [],
  },
];
