// However much lies between two records, others have their turn: timers, sockets, signals.
import { BatchBuilder, BatchView, Fetch, type FetchResponse, type SealOptions } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ConsumerOptions } from '../index.ts';
import { createClient, type Kafka } from '../kafka.ts';
import { quiet } from '../testing/loop.ts';
import { Cursor } from './cursor.ts';
import type { FetchedData } from './fetched.ts';
import { Partition } from './partition.ts';

const MiB = 1024 * 1024;

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 200 }).catch(() => undefined);
  await broker.close();
});

function batch(at: number, values: readonly (string | Buffer)[], options: SealOptions = {}): Buffer {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(0, null, Buffer.from(value));
  return builder.seal({ baseOffset: BigInt(at), ...options });
}

type Aborted = FetchResponse['responses'][number]['partitions'][number]['abortedTransactions'];

/** All that a fetch brings, as it is; then nothing any more. */
function give(records: Buffer[], abortedTransactions: Aborted = null): void {
  const change = (answer: FetchResponse): FetchResponse => {
    const [topic] = answer.responses;
    const [part] = topic?.partitions ?? [];
    if (!topic || !part) return answer;
    const data = { errorCode: 0, records: Buffer.concat(records), abortedTransactions, highWatermark: 1_000_000n };
    return { ...answer, responses: [{ ...topic, partitions: [{ ...part, ...data }] }] };
  };
  broker.append('t', [{ value: 'makes the fetch end' }]);
  broker.on(Fetch, { change });
}

/** How many turns the event loop had between the first record and the next one. */
async function turnsBefore(value: string, options: ConsumerOptions<Buffer | null, string>): Promise<number> {
  const consumer = kafka.consumer<Buffer | null, string>({ startAt: 'earliest', ...options });
  await consumer.assign([{ topic: 't', partition: 0, offset: 0n }]);
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns++;
    if (!isOver) setImmediate(count);
  };
  for await (const record of consumer) {
    if (record.text() === value) break;
    if (turns === 0) count();
  }
  isOver = true;
  return turns;
}

it('records that are left out, one after the other', async () => {
  give([batch(0, ['{}', ...new Array<string>(20_000).fill('no json')]), batch(20_001, ['{"last":1}'])]);
  const turns = await turnsBefore('{"last":1}', { onUndecodable: 'skip', value: (bytes) => JSON.parse(String(bytes)) });
  expect(turns).toBeGreaterThan(5);
});

it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('a batch of 60 MiB, packed by %s', async (compression) => {
  give([batch(0, ['first']), batch(1, [Buffer.alloc(60 * MiB), 'last'], { compression })]);
  expect(await turnsBefore('last', {})).toBeGreaterThan(3);
});

it('a batch that is read with `for await`: large ones, and records that are left out', async () => {
  const packed = batch(1, [Buffer.alloc(60 * MiB), 'middle'], { compression: 'gzip' });
  give([batch(0, ['first']), packed, batch(3, new Array<string>(20_000).fill('no json')), batch(20_003, ['last'])]);
  const value = (bytes: Buffer | null): string => {
    if (String(bytes?.subarray(0, 7)) === 'no json') throw new SyntaxError('no json');
    return String(bytes?.subarray(0, 7));
  };
  const consumer = kafka.consumer({ startAt: 'earliest', value, onUndecodable: 'skip' });
  await consumer.assign([{ topic: 't', partition: 0, offset: 0n }]);
  const turns = { middle: 0, last: 0 };
  let all = 0;
  const counting = setInterval(() => all++, 0);
  for await (const read of consumer.batches()) {
    for await (const record of read) if (record.value in turns) Object.assign(turns, { [record.value]: all });
    break;
  }
  clearInterval(counting);
  expect(turns.middle).toBeGreaterThan(3);
  expect(turns.last - turns.middle).toBeGreaterThan(5);
});

// Snappy and zstd announce the size: what is too large is refused at once, which takes no time.
it.each(['gzip', 'lz4'] as const)('batches that are left out, packed by %s', async (compression) => {
  const bombs = Array.from({ length: 8 }, (_, i) => batch(i + 1, [Buffer.alloc(20 * MiB)], { compression }));
  give([batch(0, ['first']), ...bombs, batch(9, ['last'])]);
  expect(await turnsBefore('last', { onCorrupt: 'skip', maxBatchBytes: 20 * MiB })).toBeGreaterThanOrEqual(4);
});

it('records below the position are passed over in steps', () => {
  const builder = new BatchBuilder();
  for (let i = 0; i < 10_000; i++) builder.append(0, null, 'v');
  const records = builder.seal();
  const partition = new Partition({ topic: 't', partition: 0 }, 'committed');
  const data: FetchedData = {
    ...{ views: [BatchView.at(records)], fetchOffset: 0n, nextOffset: 10_000n, nextEpoch: -1, epochs: [] },
    ...{ bytes: records.length, origin: null },
  };
  const cursor = new Cursor(partition, data, 9_999n, { maxBatchBytes: MiB, skips: () => false });
  let steps = 1;
  let found = cursor.step();
  for (; found === undefined; found = cursor.step()) steps++;
  expect(found?.offset).toBe(9_999n);
  expect(steps).toBeGreaterThan(10);
});

it('a batch of markers that unpacks to more than markers have is corrupt, and not unpacked any further', async () => {
  const builder = new BatchBuilder();
  builder.append(0, Buffer.from([0, 0, 0, 1]), Buffer.alloc(MiB));
  const marker = { control: true, transactional: true, producerId: 1n, producerEpoch: 0, compression: 'gzip' } as const;
  give([builder.seal({ baseOffset: 0n, ...marker })]);
  const consumer = kafka.consumer({});
  await consumer.assign([{ topic: 't', partition: 0, offset: 0n }]);
  const read = (async () => {
    for await (const _ of consumer) break;
  })();
  await expect(read).rejects.toThrow(/unpacks to more than the 65536 bytes/);
});

it('three hundred thousand aborted transactions cost as much as they are, not its square', async () => {
  const aborted = Array.from({ length: 300_000 }, (_, i) => ({ producerId: BigInt(i), firstOffset: 0n }));
  const transaction = { producerId: 299_999n, producerEpoch: 0, baseSequence: 0, transactional: true };
  give([batch(0, ['aborted'], transaction), batch(1, ['last'])], aborted);
  const begun = performance.now();
  await turnsBefore('last', {});
  expect(performance.now() - begun).toBeLessThan(5_000);
});

it.each([0x10, 0x40])(
  'a damaged batch is skipped as far as the next one at most, whatever it says of its end',
  async (bit) => {
    const damaged = batch(0, ['a', 'b']);
    const at = 23 + (bit === 0x10 ? 3 : 0); // the last offset's distance: its lowest or its highest byte
    damaged[at] = (damaged[at] ?? 0) ^ bit;
    broker.append('t', [{ value: 'a' }, { value: 'b' }, { value: 'c' }, { value: 'd' }]);
    give([damaged, batch(2, ['c', 'd'])]);
    const consumer = kafka.consumer({ onCorrupt: 'skip' });
    await consumer.assign([{ topic: 't', partition: 0, offset: 0n }]);
    for await (const record of consumer) {
      expect([record.offset, record.text()]).toEqual([2n, 'c']);
      break;
    }
  },
);

it.each([2 ** 30, 200])('a batch that says to be %i bytes long, and is not, is corrupt', async (announced) => {
  const damaged = batch(0, ['a', 'b']);
  damaged.writeInt32BE(announced, 8);
  broker.append('t', [{ value: 'a' }, { value: 'b' }, { value: 'c' }]);
  const answer = { change: (response: FetchResponse): FetchResponse => withRecords(response, damaged) };
  broker.on(Fetch, answer, { always: true, when: ({ topics }) => topics[0]?.partitions[0]?.fetchOffset !== 2n });
  const read = async (onCorrupt: 'throw' | 'skip'): Promise<unknown> => {
    const consumer = kafka.consumer({ onCorrupt });
    await consumer.assign([{ topic: 't', partition: 0, offset: 0n }]);
    for await (const record of consumer) return [record.offset, record.text()];
    return null;
  };
  await expect(read('throw')).rejects.toThrow(/bytes announced, \d+ came/);
  expect(await read('skip')).toEqual([2n, 'c']);
});

function withRecords(answer: FetchResponse, records: Buffer): FetchResponse {
  const change = (part: FetchResponse['responses'][number]['partitions'][number]) => ({ ...part, records });
  return {
    ...answer,
    responses: answer.responses.map((topic) => ({ ...topic, partitions: topic.partitions.map(change) })),
  };
}
