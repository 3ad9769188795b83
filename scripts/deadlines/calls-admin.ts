// The calls of `Admin`.
import type { Call } from './call.ts';
import { WAITING } from './limit.ts';
import { MISSING_TOPIC, PARTITIONS, TOPIC } from './scene.ts';

export const adminCalls: readonly Call[] = [
  {
    name: 'admin.createTopics',
    of: 'admin',
    limits: WAITING,
    begin: ({ admin }, { waiting }) => ['new1', 'new2'].map((topic) => admin.createTopics([{ topic }], waiting)),
  },
  {
    name: 'admin.deleteTopics',
    of: 'admin',
    limits: WAITING,
    begin: ({ admin }, { waiting }) => [
      admin.deleteTopics(['doomed1'], waiting),
      admin.deleteTopics(['doomed2', MISSING_TOPIC], waiting),
    ],
  },
  {
    name: 'admin.listTopics',
    of: 'admin',
    limits: WAITING,
    begin: ({ admin }, { waiting }) => [admin.listTopics(waiting), admin.listTopics(waiting)],
  },
  {
    name: 'admin.describeTopics',
    of: 'admin',
    limits: WAITING,
    begin: ({ admin }, { waiting }) => [
      admin.describeTopics([TOPIC], waiting),
      admin.describeTopics([TOPIC, MISSING_TOPIC], waiting),
    ],
  },
  {
    name: 'admin.listOffsets',
    of: 'admin',
    limits: WAITING,
    begin: ({ admin }, { waiting }) => [
      admin.listOffsets([{ topic: TOPIC, partition: 0, at: 'latest' }], waiting),
      // Waits for the partition that is not there.
      admin.listOffsets(
        [
          { topic: TOPIC, partition: 1, at: 'earliest' },
          { topic: TOPIC, partition: PARTITIONS, at: 'earliest' },
        ],
        waiting,
      ),
    ],
  },
  {
    name: 'admin.committedOffsets',
    of: 'admin',
    limits: WAITING,
    begin: ({ admin, groups }, { waiting }) => groups.map((group) => admin.committedOffsets(group, waiting)),
  },
  {
    name: 'admin.close',
    of: 'admin',
    limits: WAITING,
    begin: (scene, { waiting }) => {
      const listing = scene.admin.listTopics();
      scene.beside(listing);
      return [scene.admin.close(waiting), listing];
    },
  },
];
