// A batch whose first answer was lost is refused when it is sent again: for what it contains, after the topic was changed (then it
// is there) or because it always would have been (then it is not).
import { Errors, Produce, type ProduceRequest } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { numbers, refusal, rig, valuesOf } from './testing.ts';

const REFUSALS = [Errors.INVALID_RECORD, Errors.INVALID_TIMESTAMP, Errors.MESSAGE_TOO_LARGE] as const;

interface Batch {
  readonly values: readonly string[];
  /** Is it written when its first answer is lost? */
  readonly isWritten: boolean;
  readonly code: number;
  /** Records that the refusal names. */
  readonly named?: readonly number[];
}

/** Sends the batch, and what follows it. @returns what became of each, and the log */
async function refusedLater({ values, isWritten, code, named = [] }: Batch, following: readonly string[] = []) {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { lingerMs: 0 });
  const send = (value: string): Promise<string> =>
    r.producer.send({ topic: 'orders', value }).then(
      ({ offset }) => `${value} at ${offset}`,
      (error: { outcome?: string }) => `${value} ${error.outcome}`,
    );
  await send('warm');
  const recordErrors = named.map((batchIndex) => ({ batchIndex, batchIndexErrorMessage: 'not this one' }));
  const holds = (q: ProduceRequest): boolean =>
    q.topicData[0]?.partitionData[0]?.records?.includes(values[0] ?? '') ?? false;
  broker.on(Produce, isWritten ? { handleThen: 'kill' } : 'kill', { when: holds });
  broker.on(Produce, (q) => refusal(q, code, { recordErrors }), { when: holds });
  const batch = values.map(send);
  await new Promise((resolve) => setImmediate(resolve)); // the batch has left
  const told = await Promise.all([...batch, ...following.map(send)]);
  told.push(await send('later'));
  return { told, log: valuesOf(broker, 'orders') };
}

describe.each(REFUSALS)('a record that is refused (%i) when it is sent again', (code) => {
  it('may be written: it is "unknown", and the next one is not taken for it', async () => {
    const { told, log } = await refusedLater({ values: ['bad'], isWritten: true, code });
    expect(told).toEqual(['bad unknown', 'later at 2']);
    expect(log).toEqual(['warm', 'bad', 'later']);
  });

  it('may be written, and so may those behind it: they are there once', async () => {
    const { told, log } = await refusedLater({ values: ['bad'], isWritten: true, code }, numbers(20));
    expect(told).toEqual(['bad unknown', ...numbers(20).map((n) => `${n} at ${Number(n) + 2}`), 'later at 22']);
    expect(log).toEqual(['warm', 'bad', ...numbers(20), 'later']);
  });

  it('may never have been written: what follows is delivered', async () => {
    const { told, log } = await refusedLater({ values: ['bad'], isWritten: false, code }, numbers(20));
    expect(told).toEqual(['bad unknown', ...numbers(20).map((n) => `${n} at ${Number(n) + 1}`), 'later at 21']);
    expect(log).toEqual(['warm', ...numbers(20), 'later']);
  });
});

describe('a batch that is too large when it is sent again', () => {
  const batch = { values: ['aa', 'b', 'c', 'd', 'e'], code: Errors.MESSAGE_TOO_LARGE };

  it('is not written a second time, in halves', async () => {
    const { told, log } = await refusedLater({ ...batch, isWritten: true }, ['f']);
    expect(told).toEqual(['aa unknown', 'b unknown', 'c unknown', 'd unknown', 'e unknown', 'f at 6', 'later at 7']);
    expect(log).toEqual(['warm', ...batch.values, 'f', 'later']);
  });

  it('is written in halves when it was not before', async () => {
    const { told, log } = await refusedLater({ ...batch, isWritten: false }, ['f']);
    expect(told).toEqual(['aa at 1', 'b at 2', 'c at 3', 'd at 4', 'e at 5', 'f at 6', 'later at 7']);
    expect(log).toEqual(['warm', ...batch.values, 'f', 'later']);
  });
});

describe('a batch of which records are refused by name when it is sent again', () => {
  const batch = { values: ['aa', 'bad', 'c', 'd'], named: [1] };

  it.each([Errors.INVALID_RECORD, Errors.INVALID_TIMESTAMP])('(%i) is not written a second time', async (code) => {
    const { told, log } = await refusedLater({ ...batch, code, isWritten: true }, ['e']);
    expect(told).toEqual(['aa unknown', 'bad unknown', 'c unknown', 'd unknown', 'e at 5', 'later at 6']);
    expect(log).toEqual(['warm', ...batch.values, 'e', 'later']);
  });

  it.each([Errors.INVALID_RECORD, Errors.INVALID_TIMESTAMP])(
    '(%i) is written without them when it was not before',
    async (code) => {
      const { told, log } = await refusedLater({ ...batch, code, isWritten: false }, ['e']);
      expect(told).toEqual(['aa at 1', 'bad unknown', 'c at 2', 'd at 3', 'e at 4', 'later at 5']);
      expect(log).toEqual(['warm', 'aa', 'c', 'd', 'e', 'later']);
    },
  );
});
