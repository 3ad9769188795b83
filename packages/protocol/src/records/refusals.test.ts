// What builders are given by callers without types: refused, since lengths and bytes would be other ones than written.
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from './batch-builder.ts';
import { MessageSetBuilder } from './message-set-builder.ts';
import { patchBaseOffset, patchProducer } from './patch.ts';

const T = 1_700_000_000_000;
const NO_BYTES: readonly unknown[] = [undefined, 5, true, {}, [1, 300], new Uint16Array([300]), new ArrayBuffer(3)];
const NO_HEADERS: readonly unknown[] = [{ a: 'b' }, new Map([['a', 'b']]), 'ab', 5];
const NO_HEADER: readonly unknown[] = [[null, 'x'], [undefined, 'x'], [Buffer.from('a'), 'x'], ['a'], ['a', 5]];

describe('a batch builder', () => {
  it('refuses keys and values that are neither bytes nor text nor null', () => {
    for (const wrong of NO_BYTES) {
      const builder = new BatchBuilder();
      expect(() => Reflect.apply(builder.append, builder, [T, wrong, null]), `${wrong}`).toThrow(TypeError);
      expect(() => Reflect.apply(builder.append, builder, [T, null, wrong]), `${wrong}`).toThrow(TypeError);
      expect([builder.count, builder.sizeInBytes]).toEqual([0, 61]);
    }
  });

  it('refuses headers that are no pairs of a name and a value', () => {
    for (const wrong of [...NO_HEADERS, ...NO_HEADER.map((header) => [header])]) {
      const builder = new BatchBuilder();
      expect(() => Reflect.apply(builder.append, builder, [T, null, null, wrong]), `${wrong}`).toThrow(TypeError);
      expect([builder.count, builder.sizeInBytes]).toEqual([0, 61]);
    }
  });

  it('refuses times before 1970, which Kafka has none of; -1 says that there is none', () => {
    const builder = new BatchBuilder();
    for (const time of [-2, -Number.MAX_SAFE_INTEGER, 1.5, Number.NaN]) {
      expect(() => builder.append(time, null, null)).toThrow(RangeError);
    }
    expect(builder.append(-1, null, null)).toBe(0);
    expect(builder.append(Number.MAX_SAFE_INTEGER - 1, null, null)).toBe(1);
  });

  it.each([{ producerEpoch: Number.NaN }, { producerEpoch: 40_000 }, { baseSequence: 1.5 }, { leaderEpoch: 2 ** 31 }])(
    'seals no batch with %o',
    (options) => {
      const builder = new BatchBuilder();
      builder.append(T, null, null);
      expect(() => builder.seal(options)).toThrow(RangeError);
    },
  );

  it('a sealed batch takes no other producer state than fits', () => {
    const builder = new BatchBuilder();
    builder.append(T, null, null);
    const batch = builder.seal();
    for (const state of [
      { producerEpoch: 1.5, baseSequence: 0 },
      { producerEpoch: 0, baseSequence: Number.NaN },
    ]) {
      expect(() => patchProducer(batch, { producerId: 1n, ...state })).toThrow(RangeError);
    }
    expect(() => patchBaseOffset(batch, 0n, Number.NaN)).toThrow(RangeError);
  });
});

describe('a message set builder', () => {
  it('refuses what is neither bytes nor text nor null, and times before 1970', () => {
    for (const wrong of NO_BYTES) {
      const builder = new MessageSetBuilder({ magic: 1 });
      expect(() => Reflect.apply(builder.append, builder, [T, wrong, null]), `${wrong}`).toThrow(TypeError);
      expect(() => Reflect.apply(builder.append, builder, [T, null, wrong]), `${wrong}`).toThrow(TypeError);
    }
    expect(() => new MessageSetBuilder({ magic: 1 }).append(-2, null, null)).toThrow(RangeError);
  });
});
