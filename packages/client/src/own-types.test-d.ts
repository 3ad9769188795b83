// Types of keys and values follow from the functions of the options.
import { expectTypeOf, it } from 'vitest';
import { createClient } from './index.ts';

interface Order {
  readonly id: number;
}

const kafka = createClient({ brokers: 'localhost:9092' });
const parse = (bytes: Buffer | null): Order => JSON.parse(String(bytes));

it('a consumer yields what its functions return, or what their promises resolve to', () => {
  for (const value of [parse, async (bytes: Buffer | null) => parse(bytes)] as const) {
    const consumer = kafka.consumer({ topics: ['t'], value });
    type Taken = Awaited<ReturnType<ReturnType<(typeof consumer)[typeof Symbol.asyncIterator]>['next']>>;
    expectTypeOf<Extract<Taken, { done?: false }>['value']['value']>().toEqualTypeOf<Order>();
    expectTypeOf<Extract<Taken, { done?: false }>['value']['key']>().toEqualTypeOf<Buffer | null>();
  }
});

it('a producer takes what its functions take, and bytes or text for the rest', () => {
  const producer = kafka.producer({ value: (order: Order) => JSON.stringify(order) });
  type Given = Parameters<typeof producer.enqueue>[0];
  expectTypeOf<Given['value']>().toEqualTypeOf<Order | null>();
  expectTypeOf<Given['key']>().toEqualTypeOf<Uint8Array | string | null | undefined>();
});

it('without functions both are bytes', () => {
  const producer = kafka.producer();
  type Given = Parameters<typeof producer.enqueue>[0];
  expectTypeOf<Given['value']>().toEqualTypeOf<Uint8Array | string | null>();
});
