// The calls of `Producer`, of two of them at once.
import type { Producer, ProducerRecord } from '@hopwire/client';
import type { Call } from './call.ts';
import { type LimitKind, WAITING } from './limit.ts';
import { MISSING_TOPIC, OTHER_TOPIC, type Scene, TOPIC } from './scene.ts';

/** So small that a few records fill it. */
const SMALL = { bufferBytes: 4_096 };
const RECORD: ProducerRecord = { topic: TOPIC, value: Buffer.alloc(1_000) };
/** More than there is room for. */
const MANY = 8;

const SEND: readonly LimitKind[] = [...WAITING, 'deliveryTimeoutMs'];

/** Records nobody waits for. */
function sendBeside(scene: Scene, producer: Producer): void {
  for (const topic of [TOPIC, OTHER_TOPIC]) scene.beside(producer.send({ topic, value: 'beside' }));
}

function fill(producer: Producer): void {
  for (let i = 0; i < MANY; i++) if (!producer.enqueue(RECORD)) return;
}

/** A closed producer refuses, which is an answer. */
function afterFilling(producer: Producer, call: () => Promise<unknown>): Promise<unknown> {
  try {
    fill(producer);
  } catch (error) {
    return Promise.reject(error);
  }
  return call();
}

function writerOf(producer: Producer): WritableStreamDefaultWriter<ProducerRecord> {
  const writer = producer.writable().getWriter();
  for (const promise of [writer.closed, writer.ready]) promise.catch(() => undefined);
  return writer;
}

function writeMany(producer: Producer, signal: AbortSignal | undefined): readonly Promise<unknown>[] {
  const writer = writerOf(producer);
  return [...Array.from({ length: MANY }, () => writer.write(RECORD)), ...abortion(writer, signal)];
}

function closeWriter(producer: Producer, signal: AbortSignal | undefined): readonly Promise<unknown>[] {
  const writer = writerOf(producer);
  const written = [RECORD, { ...RECORD, topic: OTHER_TOPIC }].map((record) => writer.write(record));
  return [...written, writer.close(), ...abortion(writer, signal)];
}

/** A stream takes no signal: it is aborted by hand, which is a call like the others. */
function abortion(writer: WritableStreamDefaultWriter, signal: AbortSignal | undefined): readonly Promise<unknown>[] {
  if (!signal) return [];
  const aborting = new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => void writer.abort(signal.reason).then(resolve, reject), { once: true });
  });
  return [aborting];
}

export const producerCalls: readonly Call[] = [
  {
    name: 'producer.send(record)',
    of: 'producer',
    limits: SEND,
    begin: ({ producers }, { waiting }) =>
      producers.flatMap((producer) =>
        [TOPIC, OTHER_TOPIC, MISSING_TOPIC].map((topic) => producer.send({ topic, value: 'v' }, waiting)),
      ),
  },
  {
    name: 'producer.send(many)',
    of: 'producer',
    limits: SEND,
    begin: ({ producers }, { waiting }) =>
      producers.flatMap((producer) =>
        [TOPIC, OTHER_TOPIC, MISSING_TOPIC].map((topic) => {
          const messages = Array.from({ length: 50 }, (_, index) => ({ key: `${index}`, value: 'v' }));
          return producer.send({ topic, messages }, waiting);
        }),
      ),
  },
  {
    name: 'producer.ready',
    of: 'producer',
    limits: SEND,
    producer: SMALL,
    begin: ({ producers }, { waiting }) =>
      producers.map((producer) => afterFilling(producer, () => producer.ready(waiting))),
  },
  {
    name: 'producer.flush',
    of: 'producer',
    limits: SEND,
    begin: (scene, { waiting }) =>
      scene.producers.map((producer) => {
        sendBeside(scene, producer);
        return producer.flush(waiting);
      }),
  },
  {
    name: 'producer.partitionsFor',
    of: 'producer',
    limits: WAITING,
    begin: ({ producers }, { waiting }) =>
      producers.flatMap((producer) =>
        [TOPIC, OTHER_TOPIC, MISSING_TOPIC].map((topic) => producer.partitionsFor(topic, waiting)),
      ),
  },
  {
    name: 'writable().write, abort',
    of: 'producer',
    limits: ['deliveryTimeoutMs', 'signal'],
    producer: SMALL,
    begin: ({ producers }, { signal }) => producers.flatMap((producer) => writeMany(producer, signal)),
  },
  {
    name: 'writable().close, abort',
    of: 'producer',
    limits: ['deliveryTimeoutMs', 'signal'],
    begin: ({ producers }, { signal }) => producers.flatMap((producer) => closeWriter(producer, signal)),
  },
  {
    name: 'producer.close',
    of: 'producer',
    limits: [...WAITING, 'requestTimeoutMs'],
    begin: (scene, { waiting }) =>
      scene.producers.map((producer) => {
        sendBeside(scene, producer);
        return producer.close(waiting);
      }),
  },
];
