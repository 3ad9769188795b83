// Reads the fields of record sets one after the other and writes a line of the dump for each.
import { ProtocolError } from '../errors.ts';
import { type Dump, shown } from './dump.ts';

/** A cursor over a part of a buffer. Every read is checked; what does not fit is a ProtocolError. */
export class FieldCursor {
  readonly buffer: Buffer;
  readonly end: number;
  readonly isUnpacked: boolean;
  position: number;
  readonly #dump: Dump;

  constructor(dump: Dump, buffer: Buffer, position: number, end: number, isUnpacked: boolean) {
    this.#dump = dump;
    this.buffer = buffer;
    this.position = position;
    this.end = end;
    this.isUnpacked = isUnpacked;
  }

  /** Big-endian, signed, 1 to 4 bytes. */
  int(name: string, size: 1 | 2 | 4, show: (value: number) => string = String): number {
    const start = this.#take(name, size);
    const value = this.buffer.readIntBE(start, size);
    this.#line(start, `int${8 * size}`, name, show(value));
    return value;
  }

  uint32(name: string, show: (value: number) => string): number {
    const start = this.#take(name, 4);
    const value = this.buffer.readUInt32BE(start);
    this.#line(start, 'uint32', name, show(value));
    return value;
  }

  int64(name: string, show: (value: bigint) => string = String): bigint {
    const start = this.#take(name, 8);
    const value = this.buffer.readBigInt64BE(start);
    this.#line(start, 'int64', name, show(value));
    return value;
  }

  /** Zigzag, at most 32 bits. */
  varint(name: string, show: (value: number) => string = String): number {
    const start = this.position;
    const value = Number(this.#zigzag(name, 5));
    this.#line(start, 'varint', name, show(value));
    return value;
  }

  /** Zigzag, at most 64 bits. */
  varlong(name: string, show: (value: bigint) => string = String): bigint {
    const start = this.position;
    const value = this.#zigzag(name, 10);
    this.#line(start, 'varlong', name, show(value));
    return value;
  }

  /** Length as a varint (-1: null), then the bytes; one line. */
  varintBytes(name: string, show: (value: Buffer) => string = shown): Buffer | null {
    const start = this.position;
    return this.#bytes(start, name, Number(this.#zigzag(name, 5)), 'varint bytes', show);
  }

  /** Length as an int32 (-1: null), then the bytes; one line. */
  int32Bytes(name: string, packed?: string): Buffer | null {
    const start = this.#take(name, 4);
    return this.#bytes(start, name, this.buffer.readInt32BE(start), packed ?? 'int32 bytes', shown);
  }

  /** All that is left. */
  rest(name: string, type: string): Buffer {
    const start = this.#take(name, this.end - this.position);
    this.#line(start, type, name, `${this.end - start} bytes`);
    return this.buffer.subarray(start, this.end);
  }

  /** Complains about what was just read, and goes on. */
  complain(position: number, reason: string): void {
    this.#dump.failure(position, reason, this.isUnpacked);
  }

  /** A reason to give up at the cursor. */
  error(reason: string): ProtocolError {
    return new ProtocolError(`${reason} at byte ${this.position}`);
  }

  #bytes(start: number, name: string, length: number, type: string, show: (value: Buffer) => string): Buffer | null {
    if (length < -1) throw this.error(`${name}: negative length ${length}`);
    const at = this.#take(name, Math.max(0, length));
    const value = length < 0 ? null : this.buffer.subarray(at, at + length);
    this.#line(start, type, name, value ? show(value) : 'null');
    return value;
  }

  #zigzag(name: string, mostBytes: number): bigint {
    let value = 0n;
    for (let i = 0; i < mostBytes; i++) {
      const byte = this.buffer[this.#take(name, 1)] ?? 0;
      value |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return BigInt.asIntN(mostBytes === 5 ? 32 : 64, (value >> 1n) ^ -(value & 1n));
    }
    throw this.error(`${name}: varint longer than ${mostBytes} bytes`);
  }

  #take(name: string, count: number): number {
    const left = this.end - this.position;
    if (count > left) throw this.error(`${name}: ${count} bytes needed, ${left} left`);
    const start = this.position;
    this.position += count;
    return start;
  }

  #line(start: number, type: string, name: string, value: string): void {
    const bytes = this.buffer.subarray(start, this.position);
    this.#dump.field({ position: start, bytes, type, name, value, isUnpacked: this.isUnpacked });
  }
}
