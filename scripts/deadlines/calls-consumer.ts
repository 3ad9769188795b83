// The calls of `Consumer`, of two of them at once.
import type { Consumer } from '@hopwire/client';
import type { Call } from './call.ts';
import { WAITING } from './limit.ts';
import { MISSING_TOPIC, OTHER_TOPIC, type Scene, TOPIC } from './scene.ts';

const FIRST = { topic: TOPIC, partition: 0 };

/** What the consumer owns now, or would like to. */
function ownOf(consumer: Consumer): { topic: string; partition: number } {
  return consumer.assignment()[0] ?? FIRST;
}

/** Those with an assignment have to end with a position; the others refuse. */
function seek(scene: Scene, waiting: { timeoutMs?: number | undefined }): readonly Promise<unknown>[] {
  const of = (consumer: Consumer): Promise<unknown>[] => [
    consumer.seek({ ...ownOf(consumer), offset: 'earliest' }, waiting),
    consumer.seek({ ...ownOf(consumer), offset: 'committed' }, waiting),
  ];
  return [...scene.consumers, ...scene.extra].flatMap(of);
}

export const consumerCalls: readonly Call[] = [
  {
    name: 'for await, next(): the consumer is closed',
    leaves: true,
    of: 'consumer',
    limits: WAITING,
    except: { 'body at work': 'the loop ends when its body does, which is the caller’s' },
    begin: ({ consumers, loops }, { waiting }) => [
      ...consumers.map((consumer) => consumer.close(waiting)),
      ...loops.filter(({ isInBody }) => !isInBody).map(({ ended }) => ended),
    ],
  },
  {
    name: 'for await, next(): `signal` of the options',
    of: 'consumer',
    limits: ['fixed'],
    except: { 'body at work': 'the loop ends when its body does, which is the caller’s' },
    begin: ({ ending, loops }) => {
      ending.abort(new Error('enough'));
      return loops.filter(({ isInBody }) => !isInBody).map(({ ended }) => ended);
    },
  },
  {
    name: 'consumer.subscribe',
    of: 'consumer',
    limits: ['fixed'],
    begin: ({ consumers }) => consumers.map((consumer) => consumer.subscribe([OTHER_TOPIC])),
  },
  {
    name: 'consumer.assign',
    of: 'consumer',
    limits: WAITING,
    prepare: (scene) => {
      scene.single();
      scene.single({ groupId: 'offsets' });
      scene.single();
    },
    begin: ({ extra: [plain, grouped, waits] }, { waiting }) => [
      plain?.assign([{ ...FIRST, offset: 'earliest' }], waiting) ?? Promise.resolve(),
      grouped?.assign([{ ...FIRST, offset: 'committed' }], waiting) ?? Promise.resolve(),
      waits?.assign([{ topic: MISSING_TOPIC, partition: 0, offset: 'latest' }], waiting) ?? Promise.resolve(),
    ],
  },
  {
    name: 'consumer.whenAssigned',
    of: 'consumer',
    limits: WAITING,
    prepare: (scene) => {
      scene.member();
      scene.member({ topics: [MISSING_TOPIC], groupId: 'alone' });
      scene.single({ assign: [{ ...FIRST, offset: 'latest' }] });
    },
    begin: ({ consumers, extra }, { waiting }) =>
      [...consumers, ...extra].map((consumer) => consumer.whenAssigned(waiting)),
  },
  {
    name: 'consumer.seek',
    of: 'consumer',
    limits: WAITING,
    prepare: (scene) => {
      scene.single({ assign: [{ ...FIRST, offset: 1n }] });
      scene.single({ assign: [{ ...FIRST, offset: 'earliest' }], groupId: 'offsets' });
    },
    begin: (scene, { waiting }) => seek(scene, waiting),
  },
  {
    name: 'consumer.commit',
    of: 'consumer',
    limits: WAITING,
    begin: ({ consumers }, { waiting }) =>
      consumers.flatMap((consumer) => [
        consumer.commit([{ ...ownOf(consumer), offset: 1n }], waiting),
        consumer.commit(undefined, waiting),
        consumer.commit([{ ...ownOf(consumer), offset: 2n }], waiting),
      ]),
  },
  {
    name: 'consumer.committed',
    of: 'consumer',
    limits: WAITING,
    begin: ({ consumers }, { waiting }) =>
      consumers.flatMap((consumer) => [
        consumer.committed([FIRST], waiting),
        consumer.committed([ownOf(consumer), { topic: OTHER_TOPIC, partition: 0 }], waiting),
      ]),
  },
  {
    name: 'consumer.close',
    leaves: true,
    of: 'consumer',
    limits: WAITING,
    prepare: (scene) => {
      scene.single({ assign: [{ ...FIRST, offset: 'latest' }], groupId: 'offsets' });
      scene.member();
    },
    begin: ({ consumers, extra }, { waiting }) => [...consumers, ...extra].map((consumer) => consumer.close(waiting)),
  },
];
