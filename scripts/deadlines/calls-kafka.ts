// The calls of `Kafka`.
import { ListOffsets, Metadata } from '@hopwire/client';
import type { Call } from './call.ts';
import { WAITING } from './limit.ts';
import { ALL_TOPICS, NO_OFFSETS } from './requests.ts';

export const kafkaCalls: readonly Call[] = [
  {
    name: 'kafka.connect',
    of: 'kafka',
    limits: WAITING,
    begin: ({ kafka }, { waiting }) => [kafka.connect(waiting), kafka.connect(waiting)],
  },
  {
    name: 'kafka.request',
    of: 'kafka',
    limits: WAITING,
    begin: ({ kafka }, { waiting }) => [
      kafka.request(Metadata, ALL_TOPICS, waiting),
      kafka.request(Metadata, ALL_TOPICS, { ...waiting, broker: 1 }),
      kafka.request(ListOffsets, NO_OFFSETS, waiting),
      kafka.request(Metadata, ALL_TOPICS, { ...waiting, broker: 99 }),
    ],
  },
  {
    name: 'kafka.close',
    leaves: true,
    of: 'kafka',
    limits: WAITING,
    begin: ({ kafka }, { waiting }) => [kafka.close(waiting)],
  },
];
