// CRC-32C (Castagnoli, RFC 3720): the checksum of record batches. `zlib.crc32` is the other polynomial.
//
// 16 bytes a step ("slicing-by-16"): still one look-up per byte, but those of one step do not wait for each other, and
// only four of them for the step before, which come last for that reason. 2.2 GB/s where byte by byte makes 0.4.
//
// The tables are constants of a function, not of the module: V8 then writes their addresses and lengths into the loop.
// A bundler turns the module's `const` into `var`, whose value cannot be taken for granted: half the speed, as it is
// with tables that are handed in. (20 or 32 bytes a step, and one table of 4096, were no faster.)
import { crcTable, nextTable } from './crc-table.ts';

/** Words are read in the machine's order; where that is big-endian, everything goes byte by byte. */
const isLittleEndian: boolean = /* @__PURE__ */ new Uint8Array(/* @__PURE__ */ new Uint16Array([1]).buffer)[0] === 1;
/** Below this, making the view of words costs more than it saves. */
const LONG = 64;

interface Loops {
  readonly byBytes: (crc: number, bytes: Uint8Array, start: number, end: number) => number;
  readonly byWords: (crc: number, words: Int32Array) => number;
}

/** Made at the first use: 4,096 entries take 3 ms of an import that has not run hot yet. */
let loops: Loops | null = null;

/**
 * CRC-32C of a range of bytes, unsigned.
 *
 * @param before of the bytes in front of them, where it is computed piece by piece
 * @example crc32c(Buffer.from('123456789')) // 0xe3069283
 */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length, before = 0): number {
  loops ??= loopsOver(crcTable(0x82f63b78));
  const { byBytes, byWords } = loops;
  const first = before ^ -1;
  if (end - start < LONG || !isLittleEndian) return (byBytes(first, bytes, start, end) ^ -1) >>> 0;
  const aligned = start + (-(bytes.byteOffset + start) & 3);
  const steps = (end - aligned) >> 4;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, 4 * steps);
  const crc = byWords(byBytes(first, bytes, start, aligned), words);
  return (byBytes(crc, bytes, aligned + 16 * steps, end) ^ -1) >>> 0;
}

// The casts below only say that an index within bounds is not undefined.

function loopsOver(t0: Int32Array): Loops {
  const [t1, t2, t3] = nextThree(t0, t0);
  const [t4, t5, t6] = nextThree(t0, t3);
  const [t7, t8, t9] = nextThree(t0, t6);
  const [t10, t11, t12] = nextThree(t0, t9);
  const [t13, t14, t15] = nextThree(t0, t12);

  function byBytes(crc: number, bytes: Uint8Array, start: number, end: number): number {
    let c = crc;
    for (let at = start; at < end; at++) c = (c >>> 8) ^ (t0[(c ^ (bytes[at] as number)) & 0xff] as number);
    return c;
  }

  function byWords(crc: number, words: Int32Array): number {
    let a = crc;
    for (let i = 0; i < words.length; i += 4) {
      const b = words[i + 1] as number;
      const c = words[i + 2] as number;
      const d = words[i + 3] as number;
      const rest =
        (t11[b & 255] as number) ^
        (t10[(b >>> 8) & 255] as number) ^
        (t9[(b >>> 16) & 255] as number) ^
        (t8[b >>> 24] as number) ^
        (t7[c & 255] as number) ^
        (t6[(c >>> 8) & 255] as number) ^
        (t5[(c >>> 16) & 255] as number) ^
        (t4[c >>> 24] as number) ^
        (t3[d & 255] as number) ^
        (t2[(d >>> 8) & 255] as number) ^
        (t1[(d >>> 16) & 255] as number) ^
        (t0[d >>> 24] as number);
      a ^= words[i] as number;
      a =
        rest ^
        ((t15[a & 255] as number) ^ (t14[(a >>> 8) & 255] as number)) ^
        ((t13[(a >>> 16) & 255] as number) ^ (t12[a >>> 24] as number));
    }
    return a;
  }

  return { byBytes, byWords };
}

function nextThree(first: Int32Array, table: Int32Array): [Int32Array, Int32Array, Int32Array] {
  const one = nextTable(first, table);
  const two = nextTable(first, one);
  return [one, two, nextTable(first, two)];
}
