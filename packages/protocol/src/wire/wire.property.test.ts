// Writer and reader against each other, and the reader against bytes nobody wrote.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from '../errors.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/** One field: how it is written, and how it is read back. */
interface Field {
  write(w: Writer): void;
  read(r: Reader): unknown;
  value: unknown;
}

const field = <T>(
  values: fc.Arbitrary<T>,
  write: (w: Writer, value: T) => void,
  read: (r: Reader) => unknown,
): fc.Arbitrary<Field> => values.map((value) => ({ write: (w) => write(w, value), read, value }));

const text = fc.string({ unit: 'binary', maxLength: 200 });
const blob = fc.uint8Array({ maxLength: 300 }).map((data) => Buffer.from(data));
const uuid = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((data) => Buffer.from(data).toString('base64url'));

const primitive: fc.Arbitrary<Field> = fc.oneof(
  field(
    fc.integer({ min: -128, max: 127 }),
    (w, n) => w.int8(n),
    (r) => r.int8(),
  ),
  field(
    fc.integer({ min: -32768, max: 32767 }),
    (w, n) => w.int16(n),
    (r) => r.int16(),
  ),
  field(
    fc.nat({ max: 0xffff }),
    (w, n) => w.uint16(n),
    (r) => r.uint16(),
  ),
  field(
    fc.integer(),
    (w, n) => w.int32(n),
    (r) => r.int32(),
  ),
  field(
    fc.nat({ max: 0xffffffff }),
    (w, n) => w.uint32(n),
    (r) => r.uint32(),
  ),
  field(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    (w, n) => w.int64(n),
    (r) => r.int64(),
  ),
  field(
    fc.double(),
    (w, n) => w.float64(n),
    (r) => r.float64(),
  ),
  field(
    fc.boolean(),
    (w, b) => w.bool(b),
    (r) => r.bool(),
  ),
  field(
    fc.nat({ max: 0xffffffff }),
    (w, n) => w.unsignedVarint(n),
    (r) => r.unsignedVarint(),
  ),
  field(
    uuid,
    (w, id) => w.uuid(id),
    (r) => r.uuid(),
  ),
  field(
    text,
    (w, s) => w.string(s),
    (r) => r.string(),
  ),
  field(
    fc.option(text),
    (w, s) => w.nullableString(s),
    (r) => r.nullableString(),
  ),
  field(
    blob,
    (w, b) => w.bytes(b),
    (r) => r.bytes(),
  ),
  field(
    fc.option(blob),
    (w, b) => w.nullableBytes(b),
    (r) => r.nullableBytes(),
  ),
);

const compound: fc.Arbitrary<Field> = fc.oneof(
  field(
    fc.array(fc.integer()),
    (w, a) => w.array(a, (n) => w.int32(n)),
    (r) => r.array(() => r.int32()),
  ),
  field(
    fc.array(text),
    (w, a) => w.structs(a, (s) => w.string(s)),
    (r) => r.structs(() => r.string()),
  ),
  field(
    fc.option(text),
    (w, s) => w.nullableStruct(s, (t) => w.string(t)),
    (r) => r.nullableStruct(() => r.string()),
  ),
);

describe('writer and reader', () => {
  it('whatever is written is read back, in both dialects, and nothing is left over', () => {
    const fields = fc.array(fc.oneof(primitive, compound), { maxLength: 30 });
    const holds = fc.property(fields, fc.boolean(), fc.nat({ max: 64 }), (message, flexible, capacity) => {
      const w = new Writer(flexible, capacity);
      for (const { write } of message) write(w);
      w.tags();
      const r = new Reader(w.toBuffer(), flexible);
      expect(message.map(({ read }) => read(r))).toEqual(message.map(({ value }) => value));
      r.tags();
      r.finish('message');
    });
    fc.assert(holds);
  });

  it('any bytes are read or refused with a ProtocolError, and never past their end', () => {
    const reads: readonly ((r: Reader) => unknown)[] = [
      (r) => r.string(),
      (r) => r.nullableBytes(),
      (r) => r.uuid(),
      (r) => r.unsignedVarint(),
      (r) => r.array(() => r.int16()),
      (r) => r.structs(() => r.nullableString()),
      (r) => r.nullableStruct(() => r.int8()),
      (r) => r.tags((_, value) => value.remaining > 0 && value.take(value.remaining) > 0),
    ];
    const steps = fc.array(fc.nat({ max: reads.length - 1 }), { minLength: 1, maxLength: 8 });
    const holds = fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), steps, (data, flexible, order) => {
      const r = new Reader(Buffer.from(data), flexible);
      try {
        for (const step of order) reads[step]?.(r);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
      expect(r.position).toBeLessThanOrEqual(data.length);
    });
    fc.assert(holds, { numRuns: 2000 });
  });
});
