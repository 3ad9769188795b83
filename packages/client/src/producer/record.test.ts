// What callers give: taken in its obvious meaning, or refused by the name of its field. Never ignored.
import { describe, expect, it } from 'vitest';
import { checkWaiting } from '../util/check-waiting.ts';
import { HeldRecord } from './held-record.ts';
import { type CheckedRecord, checkRecord, checkRecords } from './record.ts';

const AS_BYTES = { key: undefined, value: undefined };

/** As plain JavaScript calls it. */
const taken = (record: unknown): CheckedRecord => checkRecord(record as never, AS_BYTES);
const takenMany = (records: unknown): { messages: CheckedRecord[] } => checkRecords(records as never, AS_BYTES);
const record = (fields: object): object => ({ topic: 'orders', value: 'x', ...fields });

describe('headers', () => {
  it.each([
    ['pairs', [['trace', 'abc']]],
    ['an object', { trace: 'abc' }],
    ['an object without a prototype', Object.assign(Object.create(null), { trace: 'abc' })],
    ['a Map', new Map([['trace', 'abc']])],
    ['Headers', new Headers({ trace: 'abc' })],
    ['URLSearchParams', new URLSearchParams({ trace: 'abc' })],
    ['a generator', new Map([['trace', 'abc']]).entries()],
  ])('are taken from %s', (_what, headers) => {
    expect(taken(record({ headers })).headers).toEqual([['trace', 'abc']]);
  });

  it('of null are none, and repeated names and null values stay', () => {
    expect(taken(record({ headers: null })).headers).toEqual([]);
    const repeated = [
      ['a', null],
      ['a', Buffer.from([1])],
    ];
    expect(taken(record({ headers: repeated })).headers).toEqual(repeated);
  });

  it.each([
    [[{ key: 'trace', value: 'abc' }], /^headers\[0\] must be a pair \[name, value\], not an object/],
    [[['a', 'b', 'c']], /^headers\[0\] must be a pair \[name, value\], not an Array of 3/],
    [['ab'], /^headers\[0\] must be a pair/],
    [{ a: 1 }, /^headers\.a must be a string, a Uint8Array or null, not a number/],
    [{ a: undefined }, /^headers\.a must be .*, not undefined/],
    [{ a: ['1', '2'] }, /^headers\.a must be .*, not an Array/],
    [{ a: '1', '\ud800': 'x' }, /^headers: a name holds half of a surrogate pair/],
    [[[1, 'x']], /^headers\[0\]: its name must be a string, not a number/],
    [{ a: 'half \ud83d' }, /^headers\.a holds half of a surrogate pair/],
    [new Date(0), /^headers must be pairs .*, not a Date/],
    ['trace=abc', /^headers must be pairs .*, not a string/],
    [7, /^headers must be pairs .*, not a number/],
  ])('that cannot be meant are refused by their path: %j', (headers, message) => {
    expect(() => taken(record({ headers }))).toThrow(TypeError);
    expect(() => taken(record({ headers }))).toThrow(message);
    expect(() => takenMany({ topic: 'orders', messages: [{ value: 'good' }, { value: 'x', headers }] })).toThrow(
      /^messages\[1\]\.headers/,
    );
  });
});

describe('fields', () => {
  it.each([
    ['timestamp', 'timestampMs'],
    ['header', 'headers'],
    ['partitionId', 'partition'],
    ['payload', 'value'],
  ])('of another name are refused with the right one: %s', (name, right) => {
    expect(() => taken(record({ [name]: 1 }))).toThrow(new RegExp(`^${name}: a record has no such field.*${right}`));
    const many = { topic: 'orders', messages: [{ value: 'x', [name]: 1 }] };
    expect(() => takenMany(many)).toThrow(new RegExp(`^messages\\[0\\]\\.${name}: `));
  });

  it('that nobody knows are refused with those that there are, unless they have no value', () => {
    expect(() => taken(record({ offset: 7n }))).toThrow(
      /^offset: .*topic, key, value, headers, partition, timestampMs/,
    );
    expect(taken(record({ offset: undefined })).topic).toBe('orders');
    const getter = Object.defineProperty(record({}), 'ttl', { get: () => 1, enumerable: true });
    expect(() => taken(getter)).toThrow(/^ttl/);
  });

  it('of another client say more than that there is no topic', () => {
    expect(() => taken({ topicMessages: [] })).toThrow(/^topicMessages: .*called messages, beside its one topic/);
    expect(() => taken({ topicName: 'orders', value: 'x' })).toThrow(/^topicName: .*called topic/);
  });

  it('that are inherited belong to nobody: an instance of a class is taken by its own fields', () => {
    class Order {
      topic = 'orders';
      value = 'x';
      get total(): number {
        return 7;
      }
    }
    expect(taken(new Order())).toMatchObject({ topic: 'orders', value: 'x' });
  });

  it('partition, timestampMs, key and headers of null are as left out', () => {
    const { partition, timestampMs, key } = taken(
      record({ partition: null, timestampMs: null, key: null, headers: null }),
    );
    expect([partition, key, Math.abs(timestampMs - Date.now()) < 1000]).toEqual([null, null, true]);
  });

  it.each([
    [{ value: 7 }, TypeError, /^value must be a string, a Uint8Array or null, not a number; serialise it first/],
    [{ value: undefined }, TypeError, /^value must be .*, not undefined/],
    [{ value: { a: 1 } }, TypeError, /not an object/],
    [{ value: new ArrayBuffer(2) }, TypeError, /not an ArrayBuffer/],
    [{ value: new Uint16Array(1) }, TypeError, /not a Uint16Array/],
    [{ value: new Date(0) }, TypeError, /not a Date/],
    [{ value: Symbol('x') }, TypeError, /not a symbol/],
    [{ value: 'half \ud83d' }, TypeError, /^value holds half/],
    [{ key: 0 }, TypeError, /^key must be .*, not a number/],
    [{ key: false }, TypeError, /^key must be/],
    [{ key: 'half \ud83d' }, TypeError, /^key holds half/],
    [{ partition: '0' }, TypeError, /^partition must be a number, not a string/],
    [{ partition: -1 }, RangeError, /^partition must be a whole number from 0, not -1/],
    [{ partition: Number.NaN }, RangeError, /not NaN/],
    [{ partition: 2 ** 31 }, RangeError, /^partition must be/],
    [
      { timestampMs: new Date(1000) },
      TypeError,
      /^timestampMs must be milliseconds since 1970 as a number, not a Date/,
    ],
    [{ timestampMs: '1000' }, TypeError, /^timestampMs .*not a string/],
    [{ timestampMs: -1 }, RangeError, /^timestampMs must be whole milliseconds/],
    [{ timestampMs: 1.5 }, RangeError, /not 1.5/],
  ])('are refused by name: %o', (fields, kind, message) => {
    expect(() => taken(record(fields))).toThrow(kind);
    expect(() => taken(record(fields))).toThrow(message);
  });

  it('of bytes of another realm are bytes', async () => {
    const { runInNewContext } = await import('node:vm');
    expect(Buffer.from(taken(record({ value: runInNewContext('new Uint8Array([1, 2])') })).value ?? '')).toEqual(
      Buffer.from([1, 2]),
    );
  });

  it('beside messages are refused, and so are messages that are none', () => {
    expect(() => takenMany({ topic: 'orders', messages: [], key: 'k' })).toThrow(/^key: .*belongs into each/);
    expect(() => takenMany({ topic: 'orders', messages: undefined })).toThrow(/^messages must be an array.*undefined/);
    expect(() => takenMany({ topic: 'orders', messages: [undefined] })).toThrow(/^messages\[0\] must be a record/);
    expect(() => takenMany({ topic: 'orders', messages: [{ topic: 'others', value: 'x' }] })).toThrow(
      /^messages\[0\]\.topic: .*orders, not to others/,
    );
    expect(takenMany({ topic: 'orders', messages: [{ topic: 'orders', value: 'x' }] }).messages).toHaveLength(1);
  });
});

describe('names of topics', () => {
  it.each(['a', 'orders.v1_x-y', 'A'.repeat(249), '__consumer_offsets', 'persistent://public/default/orders'])(
    'that can exist are taken: %s',
    (topic) => {
      expect(taken({ topic, value: 'x' }).topic).toBe(topic);
    },
  );

  it.each([
    ['', RangeError],
    ['.', RangeError],
    ['..', RangeError],
    ['a b', RangeError],
    ['größe', RangeError],
    ['a\u0000', RangeError],
    ['a'.repeat(250), RangeError],
    ['tenant/name space/x', RangeError],
    ['a/\ud800', RangeError],
    [undefined, TypeError],
    [7, TypeError],
    [['orders'], TypeError],
  ])('that cannot exist are refused at once: %j', (topic, kind) => {
    expect(() => taken({ topic, value: 'x' })).toThrow(kind);
    expect(() => taken({ topic, value: 'x' })).toThrow(/^topic/);
  });

  it('are shortened where they are refused', () => {
    let message = '';
    try {
      taken({ topic: 'x'.repeat(300_000), value: 'x' });
    } catch (error) {
      message = String(error);
    }
    expect(message.length).toBeLessThan(250);
  });
});

describe('limits of a call', () => {
  it('may be left out, null, infinite or past', () => {
    expect(checkWaiting('send', undefined)).toEqual({});
    expect(checkWaiting('send', { timeoutMs: Infinity, signal: undefined })).toEqual({ timeoutMs: Infinity });
    expect(checkWaiting('send', { timeoutMs: -5 })).toEqual({ timeoutMs: -5 });
  });

  it.each([
    5000,
    'soon',
    { timeoutMs: '5' },
    { timeoutMs: Number.NaN },
    { signal: {} },
    { signal: new AbortController() },
  ])('that cannot be meant are refused by the name of the call: %o', (limits) => {
    expect(() => checkWaiting('producer.send', limits as never)).toThrow(/^producer\.send: /);
  });
});

it('a held record owns its bytes, those of its headers too', () => {
  const bytes = Buffer.from('mine');
  const headers: [string, Buffer][] = [['h', bytes]];
  const checked = taken({
    topic: 'orders',
    key: bytes,
    value: new Uint8Array(bytes.buffer, bytes.byteOffset, 4),
    headers,
  });
  const held = new HeldRecord(checked, { delivery: null, index: 0 }, { deadlineMs: 0, sinceMs: 0 });
  bytes.fill('X');
  headers.push(['late', bytes]);
  expect([held.key, held.keyBytes, held.value].map(String)).toEqual(['mine', 'mine', 'mine']);
  expect(held.headers.map(([name, value]) => [name, String(value)])).toEqual([['h', 'mine']]);
});
